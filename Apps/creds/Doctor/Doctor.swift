import ArgumentParser
import BursarConsole
import BursarFiles
import BursarHTTP
import BursarModel
import SystemPackage

/// Checks for every known problem that keeps AWS clients from using a profile.
struct Doctor: CredsCommand {
    static let configuration = CommandConfiguration(
        abstract: "Find what keeps AWS clients from working.",
        discussion: """
              creds doctor
              creds doctor --invoke us.anthropic.claude-3-5-haiku-20241022-v1:0

            Looks at the profile, its files, ~/.aws, the environment, proxies and certificates, the clock, the server \
            and the key, and takes 15 seconds at most. Nothing is changed, and no session is asked for but with \
            --invoke, when none is kept or it is due. Exit code 1 says that there is a problem; warnings alone give 0.

            --format json: [{"check", "state", "message", "fix"}], state is ok, warning, problem or skipped; fix \
            is absent where there is nothing to mend.
            """
    )

    @OptionGroup var profile: ProfileOption
    @Option(help: ArgumentHelp("Ask this model something tiny, which costs a few tokens.", valueName: "model"))
    var invoke: String?
    @Option(help: "How to print it.")
    var format = KeyValueFormat.table

    func run(_ context: CredsContext) async throws {
        let findings = await DoctorRun(profile.name, model: invoke, context).findings()
        let report = DoctorReport(findings: findings, home: try? context.paths.home().string)
        try report.print(format, context.terminal)
        guard !report.hasProblem else { throw ExitCode.failure }
    }
}

/// One run of all checks.
struct DoctorRun {
    /// The time limit for all checks together.
    static let limit = Duration.seconds(15)

    private let subject: DoctorContext
    private let model: String?

    /// `model` is the model to invoke; nil invokes none.
    init(_ name: ProfileName, model: String?, _ context: CredsContext) {
        subject = DoctorContext(name, context, deadline: .now.advanced(by: Self.limit))
        self.model = model
    }

    /// The findings, in the order of ``DoctorFinding/Topic``.
    func findings() async -> [DoctorFinding] {
        let checks: [any DoctorCheck] = [
            ProfileCheck(), FilesCheck(), DiskCheck(), AWSConfigCheck(), AWSCredentialsCheck(),
            EnvironmentCheck(), RegionCheck(), BearerTokenCheck(), NetworkCheck(), ServerCheck(), SessionCheck(),
            ClientsCheck(),
        ]
        var findings = await withTaskGroup(of: (Int, [DoctorFinding]).self) { [subject] group in
            for (index, check) in checks.enumerated() {
                group.addTask { (index, await check.findings(subject)) }
            }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.flatMap(\.1)
        }
        // This check runs last: a key command that prompts the user must not run twice at once.
        if let model { findings += await ModelCheck(model: model).findings(subject) }
        return findings
    }
}

/// The context of the checks: a profile, as far as it can be read, and this machine.
struct DoctorContext: Sendable {
    let name: ProfileName
    let stored: Stored
    let context: CredsContext
    /// The time by which every check has to end.
    let deadline: ContinuousClock.Instant

    /// The result of reading the stored profile.
    enum Stored: Sendable {
        case profile(StoredProfile)
        case absent
        case unreadable(any Error)
    }

    init(_ name: ProfileName, _ context: CredsContext, deadline: ContinuousClock.Instant) {
        self.name = name
        self.context = context
        self.deadline = deadline
        do {
            stored = try context.profiles().load(name).map { .profile($0) } ?? .absent
        } catch {
            stored = .unreadable(error)
        }
    }

    /// The profile; nil if it isn't installed or can't be read.
    var profile: StoredProfile? {
        guard case .profile(let profile) = stored else { return nil }
        return profile
    }

    /// The command that reinstalls the profile.
    func install(_ option: String? = nil) -> String {
        var words = ["creds install --url \(profile?.server.description ?? "URL")"]
        if case .command(let command) = profile?.key { words.append("--key-command \(ShellWord.quoted(command))") }
        if let option { words.append(option) }
        return words.joined(separator: " ") + name.option
    }

    /// Another creds command for this profile.
    func creds(_ words: String) -> String { "creds \(words)\(name.option)" }
}

extension ProfileName {
    /// The command-line option that names the profile; empty for the default profile.
    var option: String { self == .standard ? "" : " --profile \(self)" }
}

/// Parts of the commands that fix a finding.
enum Remedy {
    /// The command that opens a file for an edit by hand.
    static func edit(_ path: FilePath, line: Int?) -> String {
        #""${EDITOR:-vi}" "# + (line.map { "+\($0) " } ?? "") + ShellWord.quoted(path.string)
    }
}

/// Runs work within a time limit.
enum TimeLimit {
    /// Returns the result of `body`, or nil if `deadline` passes first, which cancels it.
    static func run<Result: Sendable>(
        until deadline: ContinuousClock.Instant,
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result? {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await ContinuousClock().sleep(until: deadline)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }
}
