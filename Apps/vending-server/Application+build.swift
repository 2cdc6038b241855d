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

/// The composition root: the server's parts, connected in one place.
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
    private let spend: SpendService?
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
        spend: SpendService? = nil,
        now: @escaping @Sendable () -> Date = { Date() }
    ) throws(UserFacingError) {
        let metrics = metrics
        let recorder = Recorder(database: store.database, now: now) { metrics.committed($0, in: $1) }
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
            directory: store.directory,
            auditLog: LoggingAuditLog(base: recorder, logger: logger),
            issuer: MeasuredIssuer(issuer: issuer, metrics: metrics),
            pool: pool,
            now: now
        )
        self.store = store
        self.clients = clients
        self.front = front
        self.logger = logger
        self.heads = heads
        self.spend = spend
        self.now = now
        self.recorder = recorder
        self.service = service
        refusals = RefusalTally()
        refusalLog = RefusalLog(logger: logger)
        readiness = Readiness(
            database: { DatabaseState(service.watch.failure) },
            canRecord: { recorder.progress.failure == nil },
            isIssuerAway: { service.isIssuerAway },
            isPaused: { service.watch.isPaused }
        )
        metrics.read(service, pool, recorder, readiness, started: now())
    }

    /// Builds the application, for production and tests alike; port 0 listens on a free port, which `onListening`
    /// receives.
    func buildApplication(
        _ listening: ListenConfiguration,
        onListening: @escaping @Sendable (Int) -> Void = { _ in }
    ) -> some ApplicationProtocol {
        let address = listening.address
        let router = buildRouter(
            Routes(service: service, readiness: readiness, front: front, now: now),
            clients: clients,
            refusals: RefusalMiddleware(tally: refusals, log: refusalLog, metrics: metrics, now: now)
        )
        let background = BackgroundServices(
            watch: service.watch,
            recorder: recorder,
            reports: PeriodicReports(
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
        var services: [any Service] = [background]
        if let spend { services.append(spend) }
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
    /// Serves until one of `signals`; then accepts no new connection, and returns when the requests under way have
    /// ended.
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

/// The work beside the requests: following the database's revision, expiring vends that wait too long, and reports.
///
/// It stops after the last response, since requests depend on it.
struct BackgroundServices: Service {
    let watch: RevisionPoller
    let recorder: Recorder
    let reports: PeriodicReports
    let metrics: ServerMetrics
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask {
                    await watch.run(report: logReads)
                }
                group.addTask { await expire() }
                group.addTask { await reports.run() }
                group.addTask { await reports.checkpoint() }
                if let heads = reports.heads {
                    group.addTask { [metrics] in await heads.run { metrics.headWritten($0) } }
                }
            }
        }
        await reports.finish()
        await reports.heads?.finish { [metrics] in metrics.headWritten($0) }
        let progress = recorder.progress
        logger.info("stopped", metadata: ["vends": "\(progress.vends)", "commits": "\(progress.commits)"])
    }

    private func expire() async {
        while !Task.isCancelled {
            recorder.expire()
            recorder.probeIfFailing()
            try? await Task.sleep(for: .milliseconds(250))
        }
    }

    private func logReads(_ failure: (any Error)?) {
        if let failure {
            let cause = (failure as? StoreError).map { UserFacingError($0).problem } ?? "\(failure)"
            logger.error(
                "the database can't be read: nothing is vended",
                metadata: ["state": "\(DatabaseState(failure).rawValue)", "cause": "\(cause)"]
            )
        } else {
            logger.notice("the database can be read again")
        }
    }
}

/// An audit log that also writes each recorded vend to the server's log: one line, no secret.
struct LoggingAuditLog: AuditLog {
    let base: any AuditLog
    let logger: Logger

    func record(_ vend: Vend) async throws(AuditLogError) -> DailyUsage {
        let use = try await base.record(vend)
        logger.info(
            "vended",
            metadata: [
                "researcher": "\(vend.key.researcher)",
                "key": "\(vend.key.id)",
                "address": "\(vend.address)",
                "accessKeyID": "\(vend.accessKeyID)",
                "expiration": "\(Timestamp.string(vend.expiration))",
                "requestID": "\(vend.requestID)",
            ]
        )
        return use
    }

    func use(of key: KeyID, on day: UTCDay) async throws -> DailyUsage {
        try await base.use(of: key, on: day)
    }
}

/// An issuer that measures the duration of each request.
struct MeasuredIssuer: CredentialIssuer {
    let issuer: any CredentialIssuer
    let metrics: ServerMetrics

    func issue(_ request: IssueRequest) async throws(IssuerError) -> SessionCredentials {
        let start = ContinuousClock.now
        do throws(IssuerError) {
            let credentials = try await issuer.issue(request)
            metrics.asked(in: .now - start, failure: nil)
            return credentials
        } catch {
            metrics.asked(in: .now - start, failure: error)
            throw error
        }
    }
}
