package import BursarConsole
import BursarFiles
import Configuration
import Synchronization
package import SystemPackage

/// A YAML file of settings.
///
/// Write access to it decides who gets credentials and from which role, so a file that others may write is refused.
package struct SettingsFile: Sendable {
    package static let standardPath: FilePath = "/etc/bursar/config.yaml"
    private static let sizeLimit = 64 << 10

    package let path: String
    private let snapshot: YAMLSnapshot?
    /// The line numbers of keys.
    private let lines: [String: [Int]]
    /// Errors of single keys; the others can be read.
    private(set) var faults: [SettingsError] = []

    /// Finds the file that `--config` names, or else the standard one if it exists.
    ///
    /// - Throws: ``UserFacingError`` for a file that can't be read, or for the first of its ``faults``.
    package static func find(
        _ option: String?,
        environment: [String: String],
        standard: FilePath = standardPath
    ) throws(UserFacingError) -> SettingsFile? {
        let file = try read(option, environment: environment, standard: standard)
        if let fault = file?.faults.first { throw fault.problem }
        return file
    }

    /// Reads the same file, regardless of its ``faults``.
    static func read(
        _ option: String?,
        environment: [String: String],
        standard: FilePath
    ) throws(UserFacingError) -> SettingsFile? {
        let path: FilePath
        do {
            path =
                try option.map { text throws(PathError) in
                    try StandardPaths(environment: environment).path(text)
                } ?? standard
        } catch {
            throw UserFacingError.misuse("--config \(error.description)", hint: error.hint)
        }
        do {
            return try SettingsFile(reading: TrustedFile.read(path, limit: sizeLimit), path: path.string)
        } catch let fault as FileError {
            if option == nil, fault.reason == .missing { return nil }
            throw UserFacingError("the settings can't be read from \(fault)", hint: Self.hint(fault))
        } catch let problem as UserFacingError {
            throw problem
        } catch {
            throw UserFacingError("\(path) can't be read")
        }
    }

    /// Parses YAML; the error names unknown and duplicate keys.
    package init(_ content: [UInt8], path: String) throws(UserFacingError) {
        try self.init(reading: content, path: path)
        if let fault = faults.first { throw fault.problem }
    }

    private init(reading content: [UInt8], path: String) throws(UserFacingError) {
        self.path = path
        lines = Self.lines(of: content)
        let keys = Mutex<[String]>([])
        guard Self.holdsAnything(content) else {
            snapshot = nil
            return
        }
        do {
            // The library lists the keys it reads only to the function that decides which are secret.
            let listing = SecretsSpecifier<String, Void>.dynamic { key, _ in
                keys.withLock { $0.append(key) }
                return false
            }
            snapshot = try YAMLSnapshot(
                data: content.span.bytes,
                providerName: path,
                parsingOptions: .init(secretsSpecifier: listing)
            )
        } catch {
            let place = Self.place(in: "\(error)", lines).map { ", \($0)" } ?? ""
            throw UserFacingError("\(path)\(place): not YAML of the form `group: { name: value }`")
        }
        faults = faults(in: keys.withLock { $0 })
    }

    private static func hint(_ fault: FileError) -> String? {
        switch fault.reason {
        case .writableByOthers, .foreignOwner: "chmod 644 \(fault.path.shellWord), owned by root or this user"
        default: fault.hint
        }
    }

    /// Returns a value as it is written; nil if unset, empty or null.
    package func text(_ setting: Setting) -> String? {
        scalar(setting.rawValue).flatMap { Self.isNull($0) ? nil : $0 }
    }

    /// Returns the entries of a YAML list; nil if there is none.
    package func list(_ setting: Setting) -> [String]? {
        guard case .stringArray(let entries) = value(setting.rawValue, .stringArray) else { return nil }
        return entries
    }

    /// The name of a setting in messages, with its line.
    package func name(of setting: Setting) -> String {
        name(of: setting.rawValue)
    }

    private func name(of key: String) -> String {
        "\(key) in \(path)" + (Self.line(of: key, lines).map { ":\($0)" } ?? "")
    }

    private func scalar(_ key: String) -> String? {
        guard case .string(let text) = value(key, .string) else { return nil }
        return text
    }

    private func value(_ key: String, _ type: ConfigType) -> ConfigContent? {
        try? snapshot?.value(forKey: AbsoluteConfigKey(ConfigKey(key)), type: type).value?.content
    }

    /// True for text that YAML takes for null.
    private static func isNull(_ text: String) -> Bool {
        ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// True for an empty group, as remains when all of its settings are commented out.
    private func isEmptyGroup(_ key: String) -> Bool {
        Setting.allCases.contains { $0.rawValue.hasPrefix(key + ".") } && scalar(key).map(Self.isNull) == true
    }

    private func faults(in keys: [String]) -> [SettingsError] {
        var seen: Set<String> = []
        return keys.compactMap { key in
            guard let setting = Setting(rawValue: key) else {
                return isEmptyGroup(key) ? nil : .unknown(key, shown: name(of: key), of: \.rawValue)
            }
            if !seen.insert(key).inserted {
                return SettingsError(
                    problem: UserFacingError("\(name(of: key)) stands there twice"),
                    reach: .key(setting)
                )
            }
            guard !setting.takesList, list(setting) != nil else { return nil }
            let problem = UserFacingError("\(name(of: setting)) is a list", hint: "it takes one value")
            return SettingsError(problem: problem, reach: .key(setting))
        }
    }

    private static func holdsAnything(_ content: [UInt8]) -> Bool {
        content.split(separator: UInt8(ascii: "\n")).contains { line in
            guard let first = line.first(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) else { return false }
            return first != UInt8(ascii: "#")
        }
    }

    // MARK: Places

    /// The place of the parser's error, which begins with `LINE:COLUMN: ` or names a key.
    private static func place(in message: String, _ lines: [String: [Int]]) -> String? {
        if let line = Int(message.prefix { $0.isNumber }) { return "line \(line)" }
        let key = message.split(separator: " ").map { word in
            String(word.last == "." || word.last == ":" ? word.dropLast() : word)
        }
        .first { lines[$0] != nil }
        return key.map { key in (line(of: key, lines).map { "line \($0), " } ?? "") + key }
    }

    /// The line of a key, or of its group if that is written on one line.
    private static func line(of key: String, _ lines: [String: [Int]]) -> Int? {
        var key = Substring(key)
        while !key.isEmpty {
            if let line = lines[String(key)]?.first { return line }
            key = key.lastIndex(of: ".").map { key[..<$0] } ?? ""
        }
        return nil
    }

    /// The line numbers of keys that begin a line, which the parser doesn't keep.
    private static func lines(of content: [UInt8]) -> [String: [Int]] {
        var lines: [String: [Int]] = [:]
        var groups: [(indent: Int, name: String)] = []
        let text = String(decoding: content, as: UTF8.self)
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let indent = line.prefix { $0 == " " }.count
            let entry = line.dropFirst(indent)
            guard let first = entry.first, first != "#", first != "-", let colon = entry.firstIndex(of: ":") else {
                continue
            }
            groups.removeAll { $0.indent >= indent }
            let name = entry[..<colon].filter { $0 != "\"" && $0 != "'" && $0 != " " }
            groups.append((indent, name))
            lines[groups.map(\.name).joined(separator: "."), default: []].append(index + 1)
        }
        return lines
    }
}
