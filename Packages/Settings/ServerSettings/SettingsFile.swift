import Configuration
package import Console
import Files
import Synchronization
package import SystemPackage

/// Settings as a YAML file holds them.
///
/// Whoever may write it decides who gets credentials and from which role, so it is refused when others may.
package struct SettingsFile: Sendable {
    package static let standardPath: FilePath = "/etc/bursar/config.yaml"
    private static let sizeLimit = 64 << 10

    package let path: String
    private let snapshot: YAMLSnapshot?

    /// The file that `--config` names, else the standard one when it is there.
    package static func find(
        _ option: String?,
        environment: [String: String],
        standard: FilePath = standardPath
    ) throws(Problem) -> SettingsFile? {
        let path: FilePath
        do {
            path =
                try option.map { text throws(StandardPaths.TildeError) in
                    try StandardPaths(environment: environment).path(text)
                } ?? standard
        } catch {
            throw Problem(error.description, hint: error.hint)
        }
        do {
            return try SettingsFile(TrustedFile.read(path, limit: sizeLimit), path: path.string)
        } catch let fault as FileFault {
            if option == nil, fault.reason == .missing { return nil }
            throw Problem("the settings can't be read from \(fault)", hint: Self.hint(fault))
        } catch let problem as Problem {
            throw problem
        } catch {
            throw Problem("\(path) can't be read")
        }
    }

    /// Reads YAML; keys that are no settings, and keys that stand there twice, are refused by name.
    package init(_ content: [UInt8], path: String) throws(Problem) {
        self.path = path
        let keys = Mutex<[String]>([])
        guard Self.holdsAnything(content) else {
            snapshot = nil
            return
        }
        do {
            // The library tells each key it reads to whoever decides which are secret, and lists them nowhere else.
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
            let place = Self.line(in: "\(error)").map { ", line \($0)" } ?? ""
            throw Problem("\(path)\(place): not YAML of the form `group: { name: value }`")
        }
        try check(keys.withLock { $0 })
    }

    private static func hint(_ fault: FileFault) -> String? {
        switch fault.reason {
        case .writableByOthers, .foreignOwner: "chmod 644 \(fault.path.shellWord), owned by root or this user"
        default: fault.hint
        }
    }

    /// One value, as it is written; nil when unset or empty.
    package func text(_ setting: Setting) -> String? {
        guard case .string(let text) = value(setting, .string), !text.isEmpty else { return nil }
        return text
    }

    /// The entries of a YAML list; nil when there is none.
    package func list(_ setting: Setting) -> [String]? {
        guard case .stringArray(let entries) = value(setting, .stringArray) else { return nil }
        return entries
    }

    /// How messages name a setting that stands here.
    package func name(of setting: Setting) -> String {
        "\(setting.rawValue) in \(path)"
    }

    private func value(_ setting: Setting, _ type: ConfigType) -> ConfigContent? {
        let key = AbsoluteConfigKey(ConfigKey(setting.rawValue))
        return try? snapshot?.value(forKey: key, type: type).value?.content
    }

    private func check(_ keys: [String]) throws(Problem) {
        var seen: Set<String> = []
        for key in keys {
            guard let setting = Setting(rawValue: key) else {
                throw Problem("\(key) in \(path) is not a setting", hint: Setting.hint(insteadOf: key, of: \.rawValue))
            }
            guard seen.insert(key).inserted else { throw Problem("\(key) stands twice in \(path)") }
            guard setting.takesList || list(setting) == nil else {
                throw Problem("\(name(of: setting)) is a list", hint: "it takes one value")
            }
        }
    }

    private static func holdsAnything(_ content: [UInt8]) -> Bool {
        content.split(separator: UInt8(ascii: "\n")).contains { line in
            guard let first = line.first(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) else { return false }
            return first != UInt8(ascii: "#")
        }
    }

    /// The parser's errors begin with `LINE:COLUMN: `.
    private static func line(in message: String) -> Int? {
        Int(message.prefix { $0.isNumber })
    }
}
