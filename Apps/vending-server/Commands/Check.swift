import ArgumentParser
import BursarConsole
import BursarFoundation
import BursarHTTP
import BursarModel
import Logging
import SQLiteStore
import ServerSettings
import Storage
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
                try terminal.print(JSONText.of(findings))
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
        findings += settings.warnings.map { .warning("security", "\($0.setting.environmentName): \($0.consequence)") }
        if let finding = AllowCheck.finding(settings) { findings.append(finding) }
        findings.append(
            ServerOpenFiles.finding(
                OpenFileLimit.raise(),
                connections: settings.connections ?? MemoryBudget.connections,
                of: "this shell's limit"
            )
        )
        findings += StoreCheck.findings(settings.database)
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

/// Warns of an allow-list that excludes a whole address family by which the server can be reached.
///
/// A list of IPv4 blocks alone is seldom meant to refuse laptops with IPv6, and the refusal looks like a problem with
/// the key.
enum AllowCheck {
    static func finding(_ settings: Settings) -> Finding? {
        let allowed = Set(settings.terms.allowed.blocks.map(\.network.family))
        guard let missing = reachable(settings).subtracting(allowed).first else { return nil }
        let (name, everywhere) = missing == .v4 ? ("IPv4", "0.0.0.0/0") : ("IPv6", "::/0")
        return .warning(
            "addresses",
            "\(Setting.allow.environmentName) has no \(name) addresses: clients that connect over \(name) are refused",
            hint: "add your networks' \(name) blocks, or \(everywhere), unless that is meant"
        )
    }

    /// The address families from which requests can come.
    private static func reachable(_ settings: Settings) -> Set<IPAddress.Family> {
        // A proxy has clients of both families, whatever it connects with itself.
        guard settings.clients.trusted == nil, let address = IPAddress(settings.host), settings.host != "::" else {
            return [.v4, .v6]
        }
        return [address.family]
    }
}

/// Checks that the database exists, is sound and writable, and is not readable by other users.
enum StoreCheck {
    static func findings(_ database: DatabaseSettings) -> [Finding] {
        let path = database.name
        do {
            let store = try database.open(for: .server)
            if let flaw = try store.upkeep.firstQuickFlaw() {
                let hint = "stop the server and restore a backup"
                return [.problem("database", UserFacingError("\(path) is damaged: \(flaw)", hint: hint))]
            }
            try store.upkeep.checkIsWritable()
            return [.ok("database", "\(path) is sound and can be written")]
        } catch let problem as StoreError {
            return [.problem("database", UserFacingError(problem))]
        } catch {
            return [.problem("database", UserFacingError("\(path) can't be used"))]
        }
    }
}

/// Checks that the certificate and its key can be served, and warns of its expiry.
enum TLSCheck {
    private static let soon: TimeInterval = 14 * 86_400

    static func finding(_ files: TLSFiles?, at date: Date) -> Finding {
        guard let files else { return .ok("tls", "none: plain HTTP") }
        do {
            _ = try ServedCertificate(files, logger: Logger(label: "check") { _ in SwiftLogNoOpLogHandler() })
            let end = try CertificatePair(files).end
            guard end > date else {
                return .problem("tls", UserFacingError("\(files.certificate) ended at \(Timestamp.string(end))"))
            }
            guard end.timeIntervalSince(date) > soon else {
                return .warning("tls", "\(files.certificate) ends at \(Timestamp.string(end))", hint: "renew it")
            }
            return .ok("tls", "\(files.certificate) and its key fit, until \(Timestamp.string(end))")
        } catch {
            return .problem("tls", error)
        }
    }
}
