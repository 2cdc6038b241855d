import BursarCore
import ServerSettings

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The server's settings as its file has them, for an instance that is made.
enum ServerSettingsFile {
    static func text(_ choices: InstanceChoices) throws -> String {
        var settings: [(Setting, String)] = [(.database, "/var/lib/bursar/bursar.sqlite")]
        settings += choices.outputs.settings.map { ($0.setting, $0.value) }
        settings.append((.publicURL, choices.publicURL.description))
        if let proxies = choices.trustedProxies {
            settings += [
                (.httpHost, "0.0.0.0"), (.httpPort, "8443"), (.trustedProxies, proxies.description),
                (.tlsCertificate, "/etc/bursar/tls.pem"), (.tlsKey, "/etc/bursar/tls.key"),
            ]
        }
        return try yaml(settings)
    }

    /// YAML with each value as a JSON string, which YAML reads as it is; names with a dot are in a group.
    private static func yaml(_ settings: [(setting: Setting, value: String)]) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        var lines: [String] = []
        var groups: [(name: String, lines: [String])] = []
        for (setting, value) in settings {
            let text = String(decoding: try encoder.encode(value), as: UTF8.self)
            let names = setting.rawValue.split(separator: ".").map(String.init)
            guard names.count == 2 else {
                lines.append("\(setting.rawValue): \(text)")
                continue
            }
            let line = "  \(names[1]): \(text)"
            if let index = groups.firstIndex(where: { $0.name == names[0] }) {
                groups[index].lines.append(line)
            } else {
                groups.append((names[0], [line]))
            }
        }
        for group in groups { lines += ["\(group.name):"] + group.lines }
        return lines.joined(separator: "\n")
    }
}
