import ArgumentParser
import BursarConsole
import BursarFoundation
import BursarModel
import Subprocess
import SystemPackage

/// Runs a command that uses the installed profile.
struct Exec: CredsCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a command with the profile's credentials.",
        usage: "creds exec [--profile <profile>] [--min-left <time>] [--container] -- <command> …",
        discussion: """
              creds exec -- python train.py
              creds exec --min-left 45m -- ./evaluate-all.sh

            AWS_PROFILE is set to the installed profile. Keys and bearer tokens in the environment, which would win over \
            the profile, are taken out. The command takes the place of creds: signals and exit code are its own, and \
            its SDK asks creds for new credentials when the time has come. With --min-left the server is asked for a \
            session that lives as long, and the command isn't started when there is none.

            With --container, a creds serve runs beside the command and ends with it, and AWS_PROFILE is taken out too; \
            keys in [default] of ~/.aws/credentials would still win.

            Exit codes of creds itself, as of env: 125 failed, 126 can't be run, 127 not found.
            """
    )

    @OptionGroup var profile: ProfileOption
    @Option(help: ArgumentHelp("Start only when the session lives as long.", valueName: "time"), transform: Self.span)
    var minLeft: TimeSpan?
    @Flag(help: "Give it a local endpoint (creds serve) instead of the profile, for SDKs that can't run creds.")
    var container = false
    @Argument(parsing: .postTerminator, help: ArgumentHelp("What to run.", valueName: "command"))
    var command: [String] = []

    func validate() throws {
        guard !command.isEmpty else { throw ValidationError("the command to run is missing; it comes after --") }
    }

    func run(_ context: CredsContext) async throws {
        do {
            try await start(context)
        } catch let problem as UserFacingError {
            context.terminal.fail(problem)
            throw ExitCode(ExecExitCode.failed)
        } catch let failure as ProcessExec.Failure {
            context.terminal.fail(Self.problem(failure, ControlText.visible(command[0])))
            throw ExitCode(failure.exitCode)
        }
    }

    private func start(_ context: CredsContext) async throws {
        let inherited = InheritedDescriptors()
        let vended = try ProfileSession(profile.name, context)
        if let minLeft {
            let session = try await vended.session(lasting: minLeft)
            try MinimumLifetimeCheck(needed: minLeft).check(session, at: context.now())
        } else {
            _ = try await vended.session()
        }
        if container {
            let own = try ExecutablePath.current(
                calledAs: context.programName,
                search: context.environment["PATH"]
            )
            let variables = try await EndpointChild(executable: own, profile: profile.name).start()
            inherited.closeOthersOnExec()
            let environment = ChildEnvironment(context.environment, endpoint: variables)
            try ProcessExec(command: command, environment: environment.variables).run()
        } else {
            let file = vended.profile.config?.file
            // An empty value hides the file from the command's SDKs.
            let isHidden = context.environment["AWS_CONFIG_FILE"]?.isEmpty == true
            let isElsewhere = isHidden || file != (try? context.awsConfig().string)
            let environment = ChildEnvironment(
                context.environment,
                profile: profile.name,
                configFile: isElsewhere ? file : nil
            )
            inherited.closeOthersOnExec()
            try ProcessExec(command: command, environment: environment.variables).run()
        }
    }

    private static func problem(_ failure: ProcessExec.Failure, _ name: String) -> UserFacingError {
        switch failure {
        case .notFound: UserFacingError("\(name): no such program", hint: "check the name, or give its path")
        case .notExecutable:
            UserFacingError("\(name) can't be run", hint: "is it a program, and may you run it? (chmod +x)")
        case .system(.argListTooLong): UserFacingError("\(name) can't be run: arguments and environment are too long")
        case .system: UserFacingError("\(name) can't be run")
        }
    }

    private static func span(_ text: String) throws -> TimeSpan {
        guard let span = TimeSpan(text), span.seconds <= 12 * 3600 else {
            throw ValidationError("--min-left is a time like 45m, and 12h at most")
        }
        return span
    }
}

/// Refuses to start a job that would outlive its session.
struct MinimumLifetimeCheck {
    let needed: TimeSpan

    func accepts(_ session: CachedSession, at date: Date) -> Bool {
        session.expiration.timeIntervalSince(date) >= TimeInterval(needed.seconds)
    }

    /// - Throws: ``UserFacingError`` when the session ends too early.
    func check(_ session: CachedSession, at date: Date) throws(UserFacingError) {
        guard !accepts(session, at: date) else { return }
        throw UserFacingError(
            "the server's session ends \(RelativeTime(until: session.expiration, at: date)), "
                + "and --min-left asks for \(needed)",
            hint: "ask your operator for longer sessions, or start with a shorter --min-left"
        )
    }
}

/// The environment of the command, in which every SDK finds the installed profile and nothing else.
struct ChildEnvironment {
    let variables: [String: String]

    /// Variables that one SDK or another prefers to `AWS_PROFILE`.
    static let rivals = [
        "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN",
        "AWS_CREDENTIAL_EXPIRATION", "AWS_BEARER_TOKEN_BEDROCK", "AWS_DEFAULT_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME",
    ]

    /// `configFile` is set only where `own` leads to another file.
    init(_ own: [String: String], profile: ProfileName, configFile: String?) {
        var variables = own
        for name in Self.rivals { variables[name] = nil }
        variables["AWS_PROFILE"] = profile.description
        if let configFile { variables["AWS_CONFIG_FILE"] = configFile }
        self.variables = variables
    }

    /// Adds the endpoint's variables, and removes those that SDKs prefer to them.
    init(_ own: [String: String], endpoint: [String: String]) {
        let others = ["AWS_PROFILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN"]
        var variables = own
        for name in Self.rivals + others { variables[name] = nil }
        self.variables = variables.merging(endpoint) { $1 }
    }
}

/// A `creds serve` process beside the command that replaces this one.
///
/// It ends with that command, which keeps this process id.
struct EndpointChild {
    let executable: String
    let profile: ProfileName

    /// Starts the endpoint, and returns the variables that direct SDKs to it.
    ///
    /// An intermediate shell starts it and exits: a direct child would delay a command that waits for all of its
    /// children. The endpoint gets a session of its own, so that terminal input and signals reach only the command.
    func start() async throws -> [String: String] {
        var options = PlatformOptions()
        options.createSession = true
        let parent = String(ProcessInfo.processInfo.processIdentifier)
        let problem = UserFacingError("the local endpoint could not be started", hint: "creds serve shows why")
        let serve = ["serve", "--profile", profile.description, "--parent", parent, "--format", "json"]
        do {
            // The shell's cat ends when the endpoint closes its standard output, after it has printed the variables.
            let shell = try await Subprocess.run(
                .path("/bin/sh"),
                arguments: Arguments(["-c", #"{ "$0" "$@" & } | cat"#, executable] + serve),
                platformOptions: options,
                input: .none,
                output: .string(limit: 64 << 10),
                error: .discarded
            )
            let printed = Data(shell.standardOutput.utf8)
            guard let variables = try? JSONDecoder().decode([String: String].self, from: printed) else { throw problem }
            return variables
        } catch is SubprocessError {
            throw problem
        }
    }
}
