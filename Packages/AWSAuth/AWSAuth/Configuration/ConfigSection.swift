/// A `[section]` of a config file with its settings, names in lower case.
struct ConfigSection: Equatable {
    /// As written between the brackets.
    let name: String
    var settings: [String: ConfigValue] = [:]
}

/// What stands after `name =`.
enum ConfigValue: Equatable {
    case text(String)
    /// An indented block of `name = value`, as under `s3 =`.
    case nested([String: String])

    var text: String? {
        guard case .text(let text) = self else { return nil }
        return text
    }
}
