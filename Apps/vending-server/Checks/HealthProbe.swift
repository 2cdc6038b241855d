import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import ServerSettings

/// One GET to the server on this machine, whoever its certificate is for.
///
/// libcurl would compare the certificate's name with the address, and nothing here should be able to switch that off.
struct HealthProbe {
    private static let timeout = TimeAmount.seconds(3)

    let address: ListenAddress
    let isTLS: Bool

    /// The answer's status; nil when the connection ends without one.
    func status(of path: String) async throws -> UInt? {
        let security = isTLS ? try NIOSSLContext(configuration: Self.unverified) : nil
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(Self.timeout)
            .connect(host: address.host, port: address.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    channel.eventLoop.scheduleTask(in: Self.timeout) { channel.close(promise: nil) }
                    let pipeline = channel.pipeline.syncOperations
                    if let security {
                        try pipeline.addHandler(NIOSSLClientHandler(context: security, serverHostname: nil))
                    }
                    try pipeline.addHTTPClientHandlers()
                    return try NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>(
                        wrappingChannelSynchronously: channel
                    )
                }
            }
        let head = HTTPRequestHead(
            version: .http1_1,
            method: .GET,
            uri: path,
            headers: ["host": "localhost", "connection": "close"]
        )
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(.head(head))
            try await outbound.write(.end(nil))
            for try await part in inbound {
                if case .head(let answer) = part { return answer.status.code }
            }
            return nil
        }
    }

    private static var unverified: TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        configuration.minimumTLSVersion = .tlsv12
        return configuration
    }
}
