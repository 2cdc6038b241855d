import BursarModel
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOHTTP1
import ServerSettings

extension HTTPServerBuilder {
    /// An HTTP/1.1 server with limits, over TLS when there is a certificate; `report` receives the refusals that
    /// precede any route.
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
                    // Bursar's requests need less than a quarter of it.
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

/// A connection with a place in the ``ConnectionTable``, small buffers and a deadline for each request, whatever
/// protocol is built upon it.
struct HardenedChannel<Base: ServerChildChannel>: ServerChildChannel {
    let base: Base
    /// The time limit from a request's first byte to its last.
    let deadline: TimeAmount
    let isTLS: Bool
    /// The table of connections; nil for no limit.
    let connections: ConnectionTable?

    /// The size of one read: more than most requests have, and little to hold.
    private static var receiveBuffer: Int { 4 << 10 }
    /// The system's buffers for unread input and for output that the client doesn't accept, in bytes; the system
    /// doubles them.
    private static var socketBuffers: (receive: Int, send: Int) { (16 << 10, 32 << 10) }
    /// The bytes buffered here when the system accepts no more; past them a response counts as not accepted.
    private static var waterMark: ChannelOptions.Types.WriteBufferWaterMark { .init(low: 8 << 10, high: 16 << 10) }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
        var place: ConnectionTable.Place?
        if let connections {
            do {
                place = try connections.admit(channel)
            } catch {
                channel.close(promise: nil)
                return channel.eventLoop.makeFailedFuture(error)
            }
        }
        return channel.eventLoop.makeCompletedFuture { [place] in
            let receiving = FixedSizeRecvByteBufferAllocator(capacity: Self.receiveBuffer)
            try channel.syncOptions?.setOption(.socketOption(.so_rcvbuf), value: Self.socketBuffers.receive)
            try channel.syncOptions?.setOption(.socketOption(.so_sndbuf), value: Self.socketBuffers.send)
            try channel.syncOptions?.setOption(.writeBufferWaterMark, value: Self.waterMark)
            try channel.syncOptions?.setOption(.maxMessagesPerRead, value: 1)
            try channel.syncOptions?.setOption(.recvAllocator, value: receiving)
            let handler = RequestDeadline(limit: deadline, isTLS: isTLS, place: place)
            try channel.pipeline.syncOperations.addHandler(handler)
        }
        .flatMap { base.setup(channel: channel, logger: logger) }
    }

    func handle(value: Base.Value, logger: Logger) async {
        await base.handle(value: value, logger: logger)
    }
}

/// Enforces the rules of RFC 9112 that the parser does not, and marks the last request of a connection.
///
/// Section 3.2: HTTP/1.1 names one host, no request names two. Section 6.1: chunks in HTTP/1.0 are a framing that
/// another server may read differently. Section 9.3: an HTTP/1.0 client waits for the connection's end unless the
/// response has keep-alive, which this server never sends; and `Close` is `close`. The handler is right behind the
/// parser, since later handlers don't know the version.
final class HTTPConformanceHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(var head) = unwrapInboundIn(data) else {
            context.fireChannelRead(data)
            return
        }
        // The guard skips the rest of a request that was refused here.
        guard Self.isSound(head) else {
            context.fireErrorCaught(HTTPParserError.invalidHeaderToken)
            return
        }
        if head.version != .http1_1 || !head.isKeepAlive {
            head.headers.replaceOrAdd(name: "connection", value: "close")
        }
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }

    private static func isSound(_ head: HTTPRequestHead) -> Bool {
        let hosts = head.headers["host"].count
        guard head.version != .http1_1 else { return hosts == 1 }
        return hosts <= 1 && !head.headers.contains(name: "transfer-encoding")
    }
}

/// The address, certificate and limits with which the server listens.
struct ListenConfiguration: Sendable {
    var address: ListenAddress
    /// The served certificate; nil for plain HTTP.
    var certificate: ServedCertificate?
    /// The maximum of open connections.
    var connections = MemoryBudget.usualConnections
    /// The address of the metrics listener; nil for none.
    var metrics: ListenAddress?
    /// True if SIGHUP reloads the certificate; otherwise it ends the process, as by default.
    var goesOnAfterHangUp = false
    var limits = Limits()

    /// Time limits for clients.
    struct Limits: Sendable {
        /// For an idle connection after a response.
        ///
        /// It is longer than the 60 s after which load balancers of AWS close theirs, so that none sends a request into
        /// a connection that is just being closed.
        var idle = Duration.seconds(75)
        /// For the TLS greeting, for the first request, for a later request from its first byte to its last, and for
        /// accepting the response.
        var request = Duration.seconds(10)
    }
}
