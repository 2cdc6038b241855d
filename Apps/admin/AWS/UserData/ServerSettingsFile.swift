import BursarFoundation
import BursarHTTP
import BursarModel
import ServerSettings

/// The server's settings as its file has them, for an instance that is made.
enum ServerSettingsFile {
    static func text(_ choices: InstanceConfiguration) throws -> String {
        var settings: [(Setting, String)] = [(.database, "/var/lib/bursar/bursar.sqlite")]
        settings += choices.outputs.settings.map { ($0.setting, $0.value) }
        settings.append((.publicURL, choices.publicURL.description))
        if let proxies = choices.trustedProxies {
            settings += [
                (.httpHost, "0.0.0.0"), (.httpPort, "8443"), (.trustedProxies, proxies.description),
                (.tlsCertificate, "/etc/bursar/tls.pem"), (.tlsKey, "/etc/bursar/tls.key"),
            ]
        } else {
            // It listens on the loopback alone. Without this every request would come from there, and who guesses at
            // keys would slow everybody down.
            settings.append((.trustedProxies, "127.0.0.1/32"))
        }
        return try yaml(settings)
    }

    /// YAML with each value as a JSON string, which YAML reads as it is; names with a dot are in groups, which come first.
    static func yaml(_ settings: [(setting: Setting, value: String)]) throws -> String {
        var lines: [String] = []
        var groups: [(name: String, lines: [String])] = []
        for (setting, value) in settings {
            let path = setting.rawValue.split(separator: ".").map(String.init)
            let line = "\(path.last ?? ""): \(try JSONText.of(value))"
            guard path.count == 2, let group = path.first else {
                lines.append(line)
                continue
            }
            if let index = groups.firstIndex(where: { $0.name == group }) {
                groups[index].lines.append("  " + line)
            } else {
                groups.append((group, ["  " + line]))
            }
        }
        return (groups.flatMap { ["\($0.name):"] + $0.lines } + lines).joined(separator: "\n")
    }
}
