import NIOCore
import NIOHTTP1

/// Refuses what RFC 9112 says a server must, and the parser lets through; says when a connection ends.
///
/// Section 3.2: HTTP/1.1 names one host, no request names two. Section 6.1: chunks in HTTP/1.0 are a framing that
/// another server may read differently. Section 9.3: an HTTP/1.0 client that isn't answered with keep-alive, which
/// nobody is here, waits for the connection's end; and `Close` is `close`. It stands right behind the parser, since
/// what follows doesn't know the version.
final class HTTPConformanceHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(var head) = unwrapInboundIn(data) else {
            context.fireChannelRead(data)
            return
        }
        // What follows of a request that was refused here is passed over by the guard.
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
