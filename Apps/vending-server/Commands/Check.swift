import ArgumentParser
import BursarConsole
import BursarFoundation
import BursarHTTP
import BursarModel
import ServerSettings
import Vending

struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Try everything that serving needs, and say what is missing.",
        discussion: """
            Settings, open files, database, TLS, and at STS: the server's own credentials, the clock,
            and the role with each thing that is configured for its sessions. Nothing is
            changed; the server may be running.
            """
    )

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json
    }

    @OptionGroup var options: SettingsOptions
    @Option(help: "text or json.")
    var format = Format.text

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        try await CLIRunner.run(environment) { terminal in
            let findings = Findings(await findings(environment))
            switch format {
            case .text:
                try terminal.print(findings.text(terminal.output, columns: terminal.width))
            case .json:
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
                try terminal.print(String(decoding: try encoder.encode(findings), as: UTF8.self))
            }
            guard findings.passed else { throw ExitCode.failure }
        }
    }

    private func findings(_ environment: [String: String]) async -> [Finding] {
        let settings: Settings
        do {
            settings = try options.settings(environment)
        } catch {
            return [.problem("settings", error)]
        }
        var findings = [Finding.ok("settings", "every one is known and has a value that it takes")]
        findings += settings.weaknesses.map { .warning("security", "\($0.setting.environmentName): \($0.consequence)") }
        if let finding = AllowCheck.finding(settings) { findings.append(finding) }
        findings.append(
            ServerOpenFiles.finding(
                OpenFileLimit.raise(),
                connections: settings.connections ?? MemoryBudget.connections,
                of: "this shell's limit"
            )
        )
        findings += DatabaseCheck.findings(settings.database)
        findings.append(TLSCheck.finding(settings.tls, at: Date()))
        guard case .sts(let role) = settings.issuer else {
            return findings + [.ok("role", "credentials are simulated: STS isn't asked")]
        }
        let check = RoleCheck(
            role: role,
            duration: settings.terms.sessionDuration,
            environment: environment,
            transport: HTTPTransport(),
            now: { Date() }
        )
        return findings + (await check.findings())
    }
}

/// Whether the list of addresses that may ask shuts out a whole family by which the server can be reached.
///
/// Whoever lists IPv4 blocks alone seldom means that a laptop with IPv6 is refused, and it looks like a fault of the
/// key.
enum AllowCheck {
    static func finding(_ settings: Settings) -> Finding? {
        let allowed = Set(settings.terms.allowed.blocks.map(\.network.family))
        guard let missing = reachable(settings).subtracting(allowed).first else { return nil }
        let (name, everywhere) = missing == .v4 ? ("IPv4", "0.0.0.0/0") : ("IPv6", "::/0")
        return .warning(
            "addresses",
            "\(Setting.allow.environmentName) has no \(name) addresses: whoever comes over \(name) is refused",
            hint: "add your networks' \(name) blocks, or \(everywhere), unless that is meant"
        )
    }

    /// The families of addresses that requests can come from.
    private static func reachable(_ settings: Settings) -> Set<IPAddress.Family> {
        // A proxy has clients of both, whatever it connects with itself.
        guard settings.clients.trusted == nil, let address = IPAddress(settings.host), settings.host != "::" else {
            return [.v4, .v6]
        }
        return [address.family]
    }
}
