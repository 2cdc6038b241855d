package import BursarConsole
import BursarFiles
import BursarFoundation
import BursarModel
import Configuration
package import SystemPackage

/// Reads single settings from the environment, or else from the file.
package struct SettingReader: Sendable {
    private let environment: ConfigReader
    private let file: SettingsFile?
    private let paths: StandardPaths

    /// Refuses unknown variables that begin with `BURSAR_`, since a misspelled setting would have no effect.
    package init(environment: [String: String], file: SettingsFile?) throws(UserFacingError) {
        if let fault = Self.faults(of: environment).first { throw fault.problem }
        self.init(pastFaultsOf: environment, file: file)
    }

    /// Errors for variables that are no settings.
    static func faults(of environment: [String: String]) -> [SettingsError] {
        let known = Set(Setting.allCases.map(\.environmentName))
        return environment.keys.filter { $0.hasPrefix("BURSAR_") && !known.contains($0) }.sorted()
            .map { .unknown($0, shown: $0, of: \.environmentName) }
    }

    /// Ignores variables that are no settings.
    init(pastFaultsOf environment: [String: String], file: SettingsFile?) {
        self.environment = ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: environment))
            .scoped(to: "bursar")
        self.file = file
        paths = StandardPaths(environment: environment)
    }

    /// Reads text; nil if unset or empty.
    package func text(_ setting: Setting) -> String? {
        variable(setting) ?? file?.text(setting)
    }

    /// Reads a path, with `~/` for the home folder; nil if unset or empty.
    package func path(_ setting: Setting) throws(UserFacingError) -> FilePath? {
        guard let text = text(setting) else { return nil }
        do {
            return try paths.path(text)
        } catch {
            throw UserFacingError("\(name(of: setting)) is \(error)", hint: error.hint)
        }
    }

    /// Reads `yes` or `no`; false if unset.
    package func flag(_ setting: Setting) throws(UserFacingError) -> Bool {
        let words = ["yes": true, "true": true, "no": false, "false": false]
        return try value(setting, or: false, expecting: "yes or no") { words[$0] }
    }

    package func value<Value>(
        _ setting: Setting,
        or fallback: Value,
        expecting form: String,
        _ parse: (String) -> Value?
    ) throws(UserFacingError) -> Value {
        try value(setting, expecting: form, parse) ?? fallback
    }

    /// Reads a setting that may be unset.
    ///
    /// `parse` can't return nil as a value, so that a malformed value never counts as unset.
    package func value<Value>(
        _ setting: Setting,
        expecting form: String,
        _ parse: (String) -> Value?
    ) throws(UserFacingError) -> Value? {
        guard let text = text(setting) else { return nil }
        guard let value = parse(text) else {
            throw UserFacingError("\(name(of: setting)) is \"\(text)\", which is not \(form)")
        }
        return value
    }

    /// Reads a YAML list, a JSON list, or values separated by commas; the error names the entry that can't be read.
    package func list<Value>(
        _ setting: Setting,
        or fallback: [Value],
        expecting form: String,
        _ parse: (String) -> Value?
    ) throws(UserFacingError) -> [Value] {
        guard let entries = try entries(setting) else { return fallback }
        var values: [Value] = []
        for entry in entries {
            guard let value = parse(entry) else {
                throw UserFacingError("\(name(of: setting)) has \"\(entry)\", which is not \(form)")
            }
            values.append(value)
        }
        return values
    }

    /// The name of a setting in messages: its variable, or its key and line in the file.
    package func name(of setting: Setting) -> String {
        guard variable(setting) == nil, let file, file.text(setting) != nil || file.list(setting) != nil else {
            return setting.environmentName
        }
        return file.name(of: setting)
    }

    func variable(_ setting: Setting) -> String? {
        environment.string(forKey: ConfigKey(setting.rawValue)).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Reads the entries of a list as text; nil if unset.
    package func entries(_ setting: Setting) throws(UserFacingError) -> [String]? {
        if variable(setting) == nil, let entries = file?.list(setting) { return entries }
        guard let text = text(setting)?.trimmingASCIIWhitespace() else { return nil }
        guard AddressList.isJSON(text) else {
            return text.split(separator: ",", omittingEmptySubsequences: false)
                .map { String($0.trimmingASCIIWhitespace()) }
        }
        guard let entries = try? JSONDecoder().decode([String].self, from: Data(text.utf8)) else {
            throw UserFacingError("\(name(of: setting)) is \"\(text)\", which is not a JSON list of strings")
        }
        return entries
    }
}
