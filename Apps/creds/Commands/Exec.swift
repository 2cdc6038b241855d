import ArgumentParser
import BursarConsole
import BursarModel
import SystemPackage

/// Runs a command that finds the installed profile.
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
        let vended = try VendedSession(profile.name, context)
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
            // Set to nothing, the variable hides the file from the command's SDKs.
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
