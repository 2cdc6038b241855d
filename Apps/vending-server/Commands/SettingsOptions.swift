import ArgumentParser
import BursarConsole
import ServerSettings

/// The option that every command with settings takes.
struct SettingsOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("YAML file of settings (/etc/bursar/config.yaml when it is there).", valueName: "file"),
        completion: .file()
    )
    var config: String?

    /// Variables first, then the file.
    func settings(_ environment: [String: String]) throws(UserFacingError) -> Settings {
        try Settings(environment: environment, file: SettingsFile.find(config, environment: environment))
    }
}
