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

    init(
        store: Store,
        issuer: any CredentialIssuer,
        duration: SessionDuration,
        logger: Logger,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        let recorder = Recorder(store: store, now: now)
        let service = VendingService(
            directory: store,
            ledger: ReportingLedger(ledger: recorder, logger: logger),
            issuer: issuer,
            duration: duration,
            pool: HashingPool(width: ProcessInfo.processInfo.activeProcessorCount),
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
    }

    /// The server as it runs, and as tests run it; port 0 takes a free one, and `onListening` is told which.
    func application(
        _ listening: Listening,
        onListening: @escaping @Sendable (Int) -> Void = { _ in }
    ) -> some ApplicationProtocol {
        let address = listening.address
        let housekeeping = Housekeeping(watch: service.watch, recorder: recorder, logger: logger)
        var application = Application(
            router: buildRouter(service: service, readiness: readiness),
            server: .guarded(listening),
            configuration: .init(
                address: .hostname(address.host, port: address.port),
                backlog: 1024,
                availableConnectionsDelegate: .maximum(listening.connections, logger: logger)
            ),
            services: [housekeeping] + [listening.certificate].compactMap { $0 },
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
