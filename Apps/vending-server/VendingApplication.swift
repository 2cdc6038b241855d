import BursarConsole
import BursarFoundation
import BursarModel
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServerSettings
import ServiceLifecycle
import Storage
import UnixSignals
import Vending

/// The server's parts, put together in one place.
struct VendingApplication {
    let service: VendingService
    let recorder: Recorder
    let refusals: RefusalTally
    private let refusalLog: RefusalLog
    let readiness: Readiness
    private let store: Store
    private let clients: ClientAddressRule
    private let front: FrontPage
    private let logger: Logger
    private let now: @Sendable () -> Date
    private let heads: HeadLog?
    private static let priorityRefused =
        "the system refuses a lower priority for hashing: new keys may slow down the rest"
    let metrics = ServerMetrics()

    init(
        store: Store,
        issuer: any CredentialIssuer,
        terms: ServerTerms = ServerTerms(),
        clients: ClientAddressRule = ClientAddressRule(),
        front: FrontPage = FrontPage(),
        logger: Logger,
        heads: HeadLog? = nil,
        now: @escaping @Sendable () -> Date = { Date() }
    ) throws(UserFacingError) {
        let metrics = metrics
        let recorder = Recorder(store: store, now: now) { metrics.committed($0, in: $1) }
        let pool: HashingPool
        do {
            pool = try HashingPool(
                width: min(ProcessInfo.processInfo.activeProcessorCount, MemoryBudget.hashes),
                priorityRefused: { logger.warning("\(Self.priorityRefused)", metadata: ["errno": "\($0)"]) },
                hashed: { metrics.hashed(in: $0) }
            )
        } catch {
            throw UserFacingError(
                "the threads that verify keys can't be started (errno \(error.errno))",
                hint: "raise the limit of processes: ulimit -u, or TasksMax= in the systemd unit"
            )
        }
        let service = VendingService(
            terms: terms,
            directory: store,
            ledger: LoggingAuditLog(ledger: recorder, logger: logger),
            issuer: MeasuredIssuer(issuer: issuer, metrics: metrics),
            pool: pool,
            now: now
        )
        self.store = store
        self.clients = clients
        self.front = front
        self.logger = logger
        self.heads = heads
        self.now = now
        self.recorder = recorder
        self.service = service
        refusals = RefusalTally()
        refusalLog = RefusalLog(logger: logger)
        readiness = Readiness(
            isDatabaseReadable: { !service.watch.lastReadFailed },
            canRecord: { recorder.progress.failure == nil },
            isIssuerAway: { service.isIssuerAway },
            isPaused: { service.watch.isPaused }
        )
        metrics.read(service, pool, recorder, readiness, started: now())
    }

    /// The server as it runs, and as tests run it; port 0 takes a free one, and `onListening` is told which.
    func application(
        _ listening: ListenConfiguration,
        onListening: @escaping @Sendable (Int) -> Void = { _ in }
    ) -> some ApplicationProtocol {
        let address = listening.address
        let router = buildRouter(
            Routes(service: service, readiness: readiness, front: front, now: now),
            clients: clients,
            refusals: RefusalMiddleware(tally: refusals, log: refusalLog, metrics: metrics, now: now)
        )
        let housekeeping = BackgroundServices(
            watch: service.watch,
            recorder: recorder,
            bookkeeping: PeriodicReports(
                store: store,
                refusals: refusals,
                refusalLog: refusalLog,
                logger: logger,
                heads: heads,
                now: now
            ),
            metrics: metrics,
            logger: logger
        )
        var services: [any Service] = [housekeeping]
        if let certificate = listening.certificate { services.append(certificate) }
        if listening.goesOnAfterHangUp {
            services.append(HangupSignal(certificate: listening.certificate, logger: logger))
        }
        if let address = listening.metrics {
            services.append(MetricsListener(address: address, metrics: metrics, logger: logger))
        }
        let shortage = ShortageReport(metrics: metrics, logger: logger)
        let connections = ConnectionTable(limit: listening.connections, proxies: clients.trusted) {
            shortage.note($0, newcomer: $1)
        }
        metrics.read(connections)
        var application = Application(
            router: router,
            server: .guarded(listening, connections: connections) { [metrics] in
                metrics.answered("none", status: $1, error: $0)
            },
            configuration: .init(
                address: .hostname(address.host, port: address.port),
                backlog: 1024,
                availableConnectionsDelegate: .maximum(
                    listening.connections + ConnectionTable.openBeside,
                    logger: logger
                )
            ),
            services: services,
            onServerRunning: { channel in onListening(channel.localAddress?.port ?? address.port) },
            logger: logger
        )
        application.beforeServerStarts { try await service.watch.refresh() }
        return application
    }
}

extension ApplicationProtocol {
    /// Serves until one of `signals`; then takes no new connection, and ends when the requests under way have.
    func serve(until signals: [UnixSignal] = [.sigterm, .sigint]) async throws {
        var configuration = ServiceGroupConfiguration(
            services: [self],
            gracefulShutdownSignals: signals,
            logger: logger
        )
        configuration.maximumGracefulShutdownDuration = .seconds(30)
        try await ServiceGroup(configuration: configuration).run()
    }
}
