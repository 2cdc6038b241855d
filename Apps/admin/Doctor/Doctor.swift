import ArgumentParser
import BursarConsole
import BursarHTTP
import Storage

struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look at everything that should be well, and say what isn't.",
        discussion: """
            Database, permissions, clock, disk, backups, keys that end soon or are unused,
            canaries, settings, the policies of AWS's on the researchers' role, and the
            server. Nothing is changed. Exit 1 on a problem; a warning is no problem.

            Examples:
              admin doctor
              admin doctor --format json
            """
    )

    @OptionGroup var shared: SharedOptions
    @Option(help: ArgumentHelp("Where the server answers; else as its settings say.", valueName: "url"))
    var url: String?
    @OptionGroup(title: "AWS") var aws: AWSOptions
    @Option(help: "text or json.")
    var format = DatabaseInfo.Format.text

    func run() async throws {
        try await shared.runWaiting { context in
            let settings = SettingsFindings(context).findings
            let server = await ServerFindings(context: context, url: url).findings()
            let role = await RoleFindings(context: context, aws: aws).findings()
            let result = Findings(settings + role + DirectoryFindings.findings(context) + server)
            switch format {
            case .text:
                try context.terminal.print(result.text(context.terminal.output, columns: context.terminal.width))
            case .json: try context.terminal.print(JSONText.of(result))
            }
            guard result.passed else { throw ExitCode.failure }
        }
    }
}
