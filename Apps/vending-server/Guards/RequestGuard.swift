import BursarCore
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOSSL
import NIOTLS

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Lets whole requests through, with bodies of at most ``bodyLimit``, and answers for the rest in our own form.
///
/// A request goes on once its end is here, so that what is malformed in the middle reaches no route. After an answer
/// of its own the connection is closed: where the next request would begin isn't known.
final class RequestGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// Told to the connection's ``RequestDeadline`` when nothing of a request is outstanding.
    struct RequestIsWhole {}

    /// No route takes a body; clients that send a small one anyway are served.
    static let bodyLimit = 1024
    /// How long a refused client may go on sending before it is cut off, so that it gets to read why.
    private static let lingering = TimeAmount.seconds(2)

    private let report: @Sendable (_ code: RefusalCode, _ status: Int) -> Void
    private var head: HTTPRequest?
    private var body: [ByteBuffer] = []
    private var bodySize = 0
    /// Requests that went on and whose answers haven't ended.
    private var unanswered = 0
    private var refusal: (code: RefusalCode, status: Int)?
    private var hasRefused = false
    /// No request is read after the one under way.
    ///
    /// It asks for another protocol, so that the parser reads nothing after it, or for the end of the connection.
    private var isLast = false

    /// `report` is told of each refusal that is given here.
    init(report: @escaping @Sendable (_ code: RefusalCode, _ status: Int) -> Void) {
        self.report = report
    }

    /// Puts ``MessageRules`` behind the parser.
    func handlerAdded(context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        do {
            let parser = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            try pipeline.addHandler(MessageRules(), position: .after(parser))
        } catch {
            preconditionFailure("HTTP is parsed before it is guarded")
        }
    }

    // MARK: In

    /// Nothing that still comes is read.
    private var isOver: Bool { refusal != nil || isLast && head == nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOver else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            begin(head, context)
        case .body(let bytes):
            bodySize += bytes.readableBytes
            guard bodySize <= Self.bodyLimit else { return refuse(.tooLarge, context) }
            body.append(bytes)
        case .end(let trailers):
            finish(trailers, context)
        }
    }

    private func begin(_ head: HTTPRequest, _ context: ChannelHandlerContext) {
        // Nothing that follows CONNECT is HTTP.
        guard head.method != .connect else { return refuse(.methodNotAllowed, context) }
        let announced = head.headerFields[.contentLength].flatMap { Int($0) } ?? 0
        guard announced <= Self.bodyLimit else { return refuse(.tooLarge, context) }
        self.head = head
        isLast = head.headerFields[.upgrade] != nil || head.headerFields[.connection] == "close"
        if head.headerFields[.expect]?.lowercased() == "100-continue", unanswered == 0 {
            context.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
        }
    }

    private func finish(_ trailers: HTTPFields?, _ context: ChannelHandlerContext) {
        context.triggerUserOutboundEvent(RequestIsWhole(), promise: nil)
        guard let head else { return refuse(.badRequest, context) }
        unanswered += 1
        context.fireChannelRead(wrapInboundOut(.head(head)))
        for bytes in body { context.fireChannelRead(wrapInboundOut(.body(bytes))) }
        context.fireChannelRead(wrapInboundOut(.end(trailers)))
        self.head = nil
        body = []
        bodySize = 0
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted = event {
            context.triggerUserOutboundEvent(RequestIsWhole(), promise: nil)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case HTTPParserError.closedConnection where isLast:
            // More came after the last request, which is still to be answered.
            break
        case HTTPParserError.invalidEOFState, HTTPParserError.closedConnection:
            context.close(promise: nil)
        case HTTPParserError.headerOverflow:
            refuse(.tooLarge, status: 431, context)
        case HTTPParserError.invalidMethod:
            refuse(.methodNotAllowed, context)
        case is IOError, is ChannelError, is NIOSSLError, is BoringSSLError:
            context.fireErrorCaught(error)
        default:
            refuse(.badRequest, context)
        }
    }

    // MARK: Out

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !hasRefused else {
            promise?.fail(ChannelError.outputClosed)
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(var head) where isLast && unanswered == 1:
            head.headerFields[.connection] = "close"
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .head, .body:
            context.write(data, promise: promise)
        case .end:
            unanswered -= 1
            let endsHere = isLast && unanswered == 0 && refusal == nil
            context.write(data, promise: endsHere ? closing(context, after: promise) : promise)
            if refusal != nil { answer(context) }
        }
    }

    private func refuse(_ code: RefusalCode, status: Int? = nil, _ context: ChannelHandlerContext) {
        guard !isOver else { return }
        let status = status ?? code.status
        refusal = (code, status)
        head = nil
        body = []
        report(code, status)
        answer(context)
    }

    /// Gives the refusal once the answers before it have been given.
    private func answer(_ context: ChannelHandlerContext) {
        guard let refusal, !hasRefused, unanswered == 0 else { return }
        hasRefused = true
        let requestID = String(UInt64.random(in: .min ... .max), radix: 16)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let text = (try? encoder.encode(ErrorAnswer(refusal.code, requestID: requestID))) ?? Data()
        var fields: HTTPFields = [
            .contentType: "application/json", .cacheControl: "no-store", .connection: "close",
            .contentLength: String(text.count),
        ]
        if refusal.code == .methodNotAllowed { fields[.allow] = "GET" }
        let head = HTTPResponse(status: .init(code: refusal.status), headerFields: fields)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(ByteBuffer(bytes: text))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: closing(context))
    }

    /// A promise for the last write: then our side is closed, and the other a little later.
    private func closing(
        _ context: ChannelHandlerContext,
        after promise: EventLoopPromise<Void>? = nil
    ) -> EventLoopPromise<Void> {
        let isWritten = promise ?? context.eventLoop.makePromise(of: Void.self)
        let channel = context.channel
        isWritten.futureResult.whenComplete { _ in
            channel.close(mode: .output, promise: nil)
            channel.eventLoop.scheduleTask(in: Self.lingering) { channel.close(promise: nil) }
        }
        return isWritten
    }
}
