import AWSAuth
import ArgumentParser
import BursarConsole
import BursarFiles
import BursarFoundation
import BursarHTTP
import BursarModel
import Logging
import SQLiteStore
import ServerSettings
import Storage
import Vending

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve credentials until SIGTERM; SIGHUP reads the certificate again.",
        discussion: """
            Settings are environment variables, or stand in a YAML file by the names in
            brackets; variables come first:
            \(Setting.help)

            The server's own AWS credentials come from where every AWS tool looks:
            environment, web identity, SSO, files, container, instance.
            AWS_ENDPOINT_URL_STS or AWS_ENDPOINT_URL send STS calls elsewhere (https, or
            this machine).
            """
    )

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        try await CLIRunner.run(environment) { _ in
            HangupSignal.ignore()
            let openFiles = try ProcessLimits.prepare()
            let settings = try options.settings(environment)
            let log = Log(level: settings.logLevel, format: settings.logFormat, now: { Date() })
            defer { log.finish() }
            let logger = log.logger
            let store = try settings.database.open(for: .server, now: { Date() }) { line in
                logger.warning("\(line)", metadata: ["part": "database"])
            }
            if let path = settings.database.file { announce(on: path, logger) }
            // All servers of one database go by one clock: for quota days, ends of keys, and dates of records.
            let now: @Sendable () -> Date = { [database = store.database] in
                Date().addingTimeInterval(database.clockOffset)
            }
            let issuer = try await issuer(for: settings, environment, logger, now: now)
            for warning in settings.warnings {
                logger.warning(
                    "\(warning.consequence)",
                    metadata: ["setting": "\(warning.setting.environmentName)"]
                )
            }
            let connections = settings.connections ?? MemoryBudget.connections
            if ServerOpenFiles.connections(connections, openFiles: openFiles) < connections {
                logger.warning(
                    "too few open files for as many connections as there may be",
                    metadata: ["openFiles": "\(openFiles)"]
                )
            }
            let heads = try settings.heads.map { place in
                try HeadLog(place, environment: environment, logger: logger, now: { Date() })
            }
            var spend: SpendService?
            if settings.spend.isIngesting, case .sts(let role) = settings.issuer {
                spend = try SpendService(
                    role,
                    settings,
                    store: store,
                    environment: environment,
                    logger: logger,
                    now: now
                )
            }
            let vending = try VendingApplication(
                store: store,
                issuer: issuer,
                terms: settings.terms,
                clients: settings.clients,
                front: FrontPage(publicURL: settings.keys.publicURL, contact: settings.contact),
                logger: logger,
                heads: heads,
                spend: spend,
                now: now
            )
            try await vending
                .buildApplication(try listening(settings, openFiles, logger)) { port in
                    let scheme = settings.tls == nil ? "http" : "https"
                    let address = ListenAddress(host: settings.host, port: port)
                    logger.notice("listening", metadata: ["url": "\(scheme)://\(address)"])
                }
                .serve()
        }
    }

    /// Announces the running server to `admin`.
    private func announce(on database: String, _ logger: Logger) {
        do {
            guard let other = try ServerPresence.announce(on: database) else { return }
            logger.warning(
                "another server works on this database: rates count for each by itself",
                metadata: ["process": "\(other.processID.map(String.init) ?? "unknown")"]
            )
        } catch {
            logger.warning("admin can't see that a server is running", metadata: ["cause": "\(error)"])
        }
    }

    private func listening(_ settings: Settings, _ openFiles: Int, _ logger: Logger) throws(UserFacingError)
        -> ListenConfiguration
    {
        var certificate: ServedCertificate?
        if let tls = settings.tls { certificate = try ServedCertificate(tls, logger: logger) }
        return ListenConfiguration(
            address: ListenAddress(host: settings.host, port: settings.port),
            certificate: certificate,
            connections: ServerOpenFiles.connections(
                settings.connections ?? MemoryBudget.connections,
                openFiles: openFiles
            ),
            metrics: settings.metrics,
            goesOnAfterHangUp: true
        )
    }

    private func issuer(
        for settings: Settings,
        _ environment: [String: String],
        _ logger: Logger,
        now: @escaping @Sendable () -> Date
    ) async throws -> any CredentialIssuer {
        switch settings.issuer {
        case .simulated:
            return SimulatedIssuer(now: now)
        case .sts(let role):
            return try await STSIssuer(
                role: role,
                environment: environment,
                transport: HTTPTransport(),
                logger: logger,
                now: { Date() }
            )
        }
    }
}
