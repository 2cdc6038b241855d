import ArgumentParser
import BursarConsole
import BursarFiles
import SystemPackage

/// Looks for everything that is known to keep AWS clients from using a profile.
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
