import ArgumentParser

/// How `creds env` prints: as variables, or as Claude Code's `awsCredentialExport` takes it.
enum EnvironmentFormat: Sendable, Equatable, ExpressibleByArgument {
    case variables(VariableFormat)
    case claude

    init?(argument: String) {
        if argument == "claude" {
            self = .claude
        } else if let format = VariableFormat(rawValue: argument) {
            self = .variables(format)
        } else {
            return nil
        }
    }

    static var allValueStrings: [String] { VariableFormat.allCases.map(\.rawValue) + ["claude"] }

    var defaultValueDescription: String {
        switch self {
        case .variables(let format): format.rawValue
        case .claude: "claude"
        }
    }
}
