import BursarCore
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle
import Storage
import UnixSignals
import Vending

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The server's parts, put together in one place.
struct Assembly {
    let service: VendingService
    let recorder: Recorder
    let readiness: Readiness
    let logger: Logger
    let metrics = ServerMetrics()

    init(
        store: Store,
        issuer: any CredentialIssuer,
        duration: SessionDuration,
        logger: Logger,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        let metrics = metrics
        let recorder = Recorder(store: store, now: now) { metrics.committed($0, in: $1) }
        let pool = HashingPool(width: ProcessInfo.processInfo.activeProcessorCount) { metrics.hashed(in: $0) }
        let service = VendingService(
            directory: store,
            ledger: ReportingLedger(ledger: recorder, logger: logger),
            issuer: MeasuredIssuer(issuer: issuer, metrics: metrics),
            duration: duration,
            pool: pool,
            now: now
        )
        self.logger = logger
        self.recorder = recorder
        self.service = service
        readiness = Readiness(
            isDatabaseReadable: { !service.watch.lastReadFailed },
            canRecord: { recorder.progress.failure == nil },
            isIssuerAway: { service.sessions.issuerIsAway }
        )
        metrics.read(service, pool, recorder, readiness, started: now())
    }

    /// The server as it runs, and as tests run it; port 0 takes a free one, and `onListening` is told which.
    func application(
        _ listening: Listening,
        onListening: @escaping @Sendable (Int) -> Void = { _ in }
    ) -> some ApplicationProtocol {
        let address = listening.address
        var services: [any Service] = [Housekeeping(watch: service.watch, recorder: recorder, logger: logger)]
        if let certificate = listening.certificate { services.append(certificate) }
        if let address = listening.metrics {
            services.append(MetricsListener(address: address, metrics: metrics, logger: logger))
        }
        var application = Application(
            router: buildRouter(service: service, readiness: readiness, metrics: metrics),
            server: .guarded(listening) { [metrics] in metrics.answered("none", status: $1, error: $0) },
            configuration: .init(
                address: .hostname(address.host, port: address.port),
                backlog: 1024,
                availableConnectionsDelegate: .maximum(listening.connections, logger: logger)
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
