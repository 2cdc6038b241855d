import ArgumentParser
import Console
import Storage
import Transport

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
        try await shared.runWaiting { desk in
            let settings = SettingsFindings(desk).findings
            let server = await ServerFindings(desk: desk, url: url).findings()
            let role = await RoleFindings(desk: desk, aws: aws).findings()
            let result = Findings(settings + role + DirectoryFindings.findings(desk) + server)
            switch format {
            case .text: try desk.terminal.print(result.text(desk.terminal.output, columns: desk.terminal.width))
            case .json: try desk.terminal.print(JSONText.of(result))
            }
            guard result.passed else { throw ExitCode.failure }
        }
    }
}
