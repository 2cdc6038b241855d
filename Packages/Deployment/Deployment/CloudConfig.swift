import BursarConsole
import BursarFoundation
import BursarHTTP
import BursarModel
package import ServerSettings

/// The cloud-init user-data that turns a new instance into the server.
///
/// https://cloudinit.readthedocs.io/en/latest/reference/examples.html
package struct CloudConfig: Sendable {
    /// EC2's limit for user-data, in bytes before base64.
    package static let longest = 16_384

    package let body: String

    package init(_ configuration: InstanceConfiguration) throws {
        let script = String(decoding: PackageResources.first_boot_sh, as: UTF8.self)
        var files = [
            File("/etc/bursar/config.yaml", "0600", try ServerSettingsFile.text(configuration)),
            File("/etc/bursar/first-boot.env", "0644", Self.variables(configuration)),
        ]
        if let group = configuration.outputs[.logGroup] {
            files.append(File("/etc/bursar/cloudwatch-agent.json", "0644", try Self.agent(group)))
        }
        files.append(File("/usr/local/sbin/bursar-first-boot", "0755", script))
        body = """
            #cloud-config
            # One server of Bursar's, for Debian 12, Ubuntu 24.04 or newer. Nothing in here is secret.
            # Start the instance with HttpTokens=required and HttpPutResponseHopLimit=1: the server asks for its role's
            # credentials over IMDSv2 from the machine itself. A container needs one hop more.
            # What the first start says: /var/log/cloud-init-output.log; to go on after a failure: bursar-first-boot
            package_update: true
            # Names that are a package's own in all of them: cloud-init asks apt for those, and fails on a name that others
            # provide, as libcurl4 since the change of time_t; curl brings the right one.
            packages:
              - ca-certificates
              - curl
              - e2fsprogs
              - libargon2-1
              - libexpat1
              - libsqlite3-0
              - openssl
              - zlib1g
            write_files:
            \(files.map(\.entry).joined(separator: "\n"))
            runcmd:
              - [/usr/local/sbin/bursar-first-boot]
            """
        guard body.utf8.count <= Self.longest else {
            throw UserFacingError(
                "the user-data has \(body.utf8.count) bytes; EC2 takes \(Self.longest)",
                hint: "name fewer addresses"
            )
        }
    }

    /// The variables of the script.
    ///
    /// Every value was checked to contain no quotes.
    private static func variables(_ configuration: InstanceConfiguration) -> String {
        let serial = configuration.volumeID.replacing("-", with: "")
        let values = [
            ("VOLUME_ID", configuration.volumeID),
            ("DISK", "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_\(serial)"),
            ("ARCHIVE", configuration.archive.url), ("SHA256", configuration.archive.checksum),
            ("DOWNLOADS", "/var/cache/bursar"), ("TLS", configuration.trustedProxies == nil ? "no" : "yes"),
        ]
        return values.map { "\($0)='\($1)'" }.joined(separator: "\n")
    }

    /// The CloudWatch agent's configuration: the server's journal goes to the stack's log group.
    private static func agent(_ group: String) throws -> String {
        let stream: TemplateValue = [
            "units": ["bursar.service"], "log_group_name": .text(group), "log_stream_name": "{instance_id}",
        ]
        let settings: TemplateValue = ["logs": ["logs_collected": ["journald": ["collect_list": [stream]]]]]
        return try settings.json()
    }

    private struct File {
        let path: String
        let mode: String
        let content: String

        init(_ path: String, _ mode: String, _ content: String) {
            self.path = path
            self.mode = mode
            self.content = content
        }

        /// An entry of `write_files`, with its content as a YAML block.
        var entry: String {
            var lines = content.split(separator: "\n", omittingEmptySubsequences: false)
            while lines.last?.isEmpty == true { lines.removeLast() }
            return """
                  - path: \(path)
                    owner: root:root
                    permissions: '\(mode)'
                    content: |
                \(lines.map { $0.isEmpty ? "" : "      " + $0 }.joined(separator: "\n"))
                """
        }
    }
}

/// The server's settings file, for a new instance.
package enum ServerSettingsFile {
    package static func text(_ configuration: InstanceConfiguration) throws -> String {
        var settings: [(Setting, String)] = [(.database, "/var/lib/bursar/bursar.sqlite")]
        settings += configuration.outputs.settings.map { ($0.setting, $0.value) }
        settings.append((.publicURL, configuration.publicURL.description))
        if let proxies = configuration.trustedProxies {
            settings += [
                (.httpHost, "0.0.0.0"), (.httpPort, "8443"), (.trustedProxies, proxies.description),
                (.tlsCertificate, "/etc/bursar/tls.pem"), (.tlsKey, "/etc/bursar/tls.key"),
            ]
        } else {
            // The server listens on the loopback alone. Without this, every request would seem to come from there, and
            // one client that guesses keys would slow down all others.
            settings.append((.trustedProxies, "127.0.0.1/32"))
        }
        return try yaml(settings)
    }

    /// Returns YAML.
    ///
    /// Each value is a JSON string, which is valid YAML; names with a dot become groups, which come first.
    package static func yaml(_ settings: [(setting: Setting, value: String)]) throws -> String {
        var lines: [String] = []
        var groups: [(name: String, lines: [String])] = []
        for (setting, value) in settings {
            let path = setting.rawValue.split(separator: ".").map(String.init)
            let line = "\(path.last ?? ""): \(ControlText.escaped(json: try TemplateValue.text(value).json()))"
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
