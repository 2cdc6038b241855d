import BursarModel
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import NIOCore

extension HTTPServerBuilder {
    /// HTTP/1.1 in bounds, over TLS when there is a certificate; `report` is told what is refused before any route.
    static func guarded(
        _ listening: ListenConfiguration,
        connections: ConnectionTable? = nil,
        report: @escaping @Sendable (_ code: ErrorCode, _ status: Int) -> Void = { _, _ in }
    ) -> Self {
        HTTPServerBuilder { responder in
            let http = HTTP1Channel(
                responder: responder,
                configuration: .init(
                    additionalChannelHandlers: [RequestGuard(report: report)],
                    idleTimeout: TimeAmount(listening.limits.idle),
                    // No request of ours needs a quarter of it.
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: 4 << 10,
                        maxHeaderListSize: 8 << 10,
                        maxHeaderFieldCount: 100
                    )
                )
            )
            let deadline = TimeAmount(listening.limits.request)
            guard let certificate = listening.certificate else {
                return HardenedChannel(base: http, deadline: deadline, isTLS: false, connections: connections)
            }
            let secure = try TLSChannel(http, tlsConfiguration: certificate.configuration)
            return HardenedChannel(base: secure, deadline: deadline, isTLS: true, connections: connections)
        }
    }
}
