import BursarConsole
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServerSettings
import ServiceLifecycle

/// `GET /metrics` in Prometheus' text format, on a listener of its own: it is for the operator, not for researchers.
struct MetricsListener: Service {
    let address: ListenAddress
    let metrics: ServerMetrics
    let logger: Logger

    func run() async throws {
        let router = Router()
        router.get("/metrics") { _, _ in
            Response(
                status: .ok,
                headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8", .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: metrics.registry.text))
            )
        }
        let application = Application(
            router: router,
            server: .guarded(ListenConfiguration(address: address)),
            configuration: .init(
                address: .hostname(address.host, port: address.port),
                availableConnectionsDelegate: .maximum(64, logger: logger)
            ),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? address.port
                let address = ListenAddress(host: address.host, port: port)
                logger.notice("answering about metrics", metadata: ["address": "\(address)"])
            },
            logger: logger
        )
        do {
            try await application.run()
        } catch is IOError {
            throw UserFacingError(
                "metrics can't be answered on \(address)",
                hint: "another program may listen there: choose another \(Setting.metricsPort.environmentName), or off"
            )
        }
    }
}
