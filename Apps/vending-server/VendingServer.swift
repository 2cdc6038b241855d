import ArgumentParser
import BursarConsole
import BursarModel
import ServerSettings

struct VendingServer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vending-server",
        abstract: "Gives researchers short-lived AWS credentials, and records every one before it leaves.",
        discussion: """
            Try it with nothing configured:
              vending-server dev

            Run it:
              export BURSAR_ROLE_ARN=arn:aws:iam::123456789012:role/bedrock
              export BURSAR_REGION=us-east-1
              vending-server serve
            """,
        version: Version.current,
        subcommands: [Serve.self, Dev.self, Check.self, Health.self],
        defaultSubcommand: Serve.self
    )
}

/// The options shared by every command that reads settings.
struct SettingsOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("YAML file of settings (/etc/bursar/config.yaml when it is there).", valueName: "file"),
        completion: .file()
    )
    var config: String?

    /// Reads the settings; environment variables take precedence over the file.
    func settings(_ environment: [String: String]) throws(UserFacingError) -> Settings {
        try Settings(environment: environment, file: SettingsFile.find(config, environment: environment))
    }
}
