import BursarConsole
import BursarFoundation
import BursarModel
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOSSL
import NIOTLS

/// Passes on complete requests one at a time, with bodies of at most ``bodyLimit``, and answers all others with errors
/// in Bursar's own form.
///
/// A request is passed on once it is complete, so that one with a malformed part reaches no route, and once the
/// previous response is sent. Pipelined requests are held, a few at most, and nothing is read meanwhile, so that a
/// pipelining client waits for each like every other client. After an error of this handler the connection is closed,
/// since the start of the next request is unknown. No response to HEAD has a body, wherever it comes from.
final class RequestGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// No route takes a body; a small one is tolerated.
    static let bodyLimit = 1024
    /// The maximum of requests held behind the current one.
    static let heldLimit = 8
    /// The maximum bytes of held heads and bodies.
    private static let heldSizeLimit = 8 << 10
    /// The time a refused client may go on sending before it is cut off, so that it can read the error.
    private static let lingering = TimeAmount.seconds(2)

    private struct WholeRequest {
        let head: HTTPRequest
        let body: [ByteBuffer]
        let trailers: HTTPFields?

        /// The approximate size in bytes.
        var size: Int {
            let fields = head.headerFields.reduce(0) { $0 + $1.name.rawName.utf8.count + $1.value.utf8.count }
            return (head.path?.utf8.count ?? 0) + fields + body.reduce(0) { $0 + $1.readableBytes }
        }
    }

    private let report: @Sendable (_ code: ErrorCode, _ status: Int) -> Void
    private var deadline: RequestDeadline?
    private var bytes: RequestBytes?

    // The incoming request.
    private var head: HTTPRequest?
    private var body: [ByteBuffer] = []
    private var bodySize = 0

    // Complete requests.
    private var held: [WholeRequest] = []
    /// The number of complete requests without a response: the current one and the held ones.
    private var unanswered = 0
    /// The current request's method.
    private var method = HTTPRequest.Method.get
    /// The head of a response to HEAD, until its end is written.
    private var bodylessHead: HTTPResponse?

    private var refusal: (code: ErrorCode, occasion: ErrorCode.ErrorDetail?, status: Int, hasBody: Bool)?
    private var hasRefused = false
    /// True if no request is read after the current one.
    ///
    /// That is so when it asks for another protocol, so that the parser reads nothing after it, when it asks for the
    /// end of the connection, and when it has a body, the usual hiding place of a second request.
    private var isLast = false
    /// A read was requested while a request was under way.
    private var wantsRead = false
    /// The client's end of input, which is passed on after its last request.
    private var inputEnd: ChannelEvent?
    private var isRemoved = false

    /// `report` receives each error that this handler sends.
    init(report: @escaping @Sendable (_ code: ErrorCode, _ status: Int) -> Void) {
        self.report = report
    }

    /// Inserts ``RequestBytes`` before the parser, and ``HTTPConformanceHandler`` behind it.
    func handlerAdded(context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        do {
            let deadline = try pipeline.handler(type: RequestDeadline.self)
            let parser = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            let bytes = RequestBytes(deadline: deadline)
            try pipeline.addHandler(bytes, position: .before(parser))
            try pipeline.addHandler(HTTPConformanceHandler(), position: .after(parser))
            self.deadline = deadline
            self.bytes = bytes
        } catch {
            preconditionFailure("HTTP is parsed, and has a deadline, before it is guarded")
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        isRemoved = true
        held = []
    }

    // MARK: In

    /// True if all further input is ignored.
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
        // After CONNECT the input is no longer HTTP.
        guard head.method != .connect else { return refuse(.methodNotAllowed, context) }
        let announced = head.headerFields[.contentLength].flatMap { Int($0) } ?? 0
        guard announced <= Self.bodyLimit else { return refuse(.tooLarge, context) }
        self.head = head
        let hasBody = announced > 0 || head.headerFields[.transferEncoding] != nil
        isLast = hasBody || head.headerFields[.upgrade] != nil || head.headerFields[.connection] == "close"
        if head.headerFields[.expect]?.lowercased() == "100-continue", unanswered == 0 {
            context.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
        }
    }

    private func finish(_ trailers: HTTPFields?, _ context: ChannelHandlerContext) {
        guard let head else { return refuse(.badRequest, context) }
        let request = WholeRequest(head: head, body: body, trailers: trailers)
        if unanswered > 0 {
            let size = held.reduce(request.size) { $0 + $1.size }
            guard held.count < Self.heldLimit, size <= Self.heldSizeLimit else {
                return refuse(.rateLimited, occasion: .pipelined, context)
            }
            held.append(request)
        }
        self.head = nil
        body = []
        bodySize = 0
        unanswered += 1
        bytes?.requestIsWhole()
        deadline?.requestIsWhole()
        if isLast { bytes?.stop() }
        if unanswered == 1 { send(request, context) }
    }

    private func send(_ request: WholeRequest, _ context: ChannelHandlerContext) {
        method = request.head.method
        context.fireChannelRead(wrapInboundOut(.head(request.head)))
        for bytes in request.body { context.fireChannelRead(wrapInboundOut(.body(bytes))) }
        context.fireChannelRead(wrapInboundOut(.end(request.trailers)))
    }

    /// True if further input has to wait in the system's buffer.
    ///
    /// A client that waits for its response sends nothing meanwhile, and stays registered for reading, which costs
    /// nothing.
    private var isReadingHeld: Bool { !held.isEmpty || isOver && unanswered > 0 }

    func read(context: ChannelHandlerContext) {
        guard !isReadingHeld else {
            wantsRead = true
            return
        }
        context.read()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted = event { deadline?.tlsIsEstablished() }
        if case ChannelEvent.inputClosed = event, !held.isEmpty {
            inputEnd = .inputClosed
            return
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case HTTPParserError.closedConnection where isLast:
            // More input followed the last request, whose response is still to come.
            break
        case HTTPParserError.invalidEOFState where refusal != nil:
            // The ignored input exceeded its limit.
            break
        case HTTPParserError.invalidEOFState where unanswered > 0:
            // The client disconnected in the middle of a request, and may still read the earlier responses.
            head = nil
            isLast = true
        case HTTPParserError.invalidEOFState, HTTPParserError.closedConnection:
            context.close(promise: nil)
        case HTTPParserError.headerOverflow:
            refuse(.tooLarge, status: 431, context)
        case HTTPParserError.invalidMethod:
            refuse(bytes?.beginsWithMethod == true ? .methodNotAllowed : .badRequest, context)
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
        case .head(var head):
            if head.headerFields[.connection] == "close" {
                // The route closes the connection: later requests are ignored.
                end()
            } else if isLast, unanswered == 1, self.head == nil {
                head.headerFields[.connection] = "close"
            }
            guard method != .head else {
                bodylessHead = head
                promise?.succeed()
                return
            }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body:
            guard method != .head else {
                promise?.succeed()
                return
            }
            context.write(data, promise: promise)
        case .end:
            unanswered -= 1
            let endsHere = isLast && unanswered == 0 && head == nil && refusal == nil
            let promise = endsHere ? closing(context, after: promise) : promise
            if let head = bodylessHead {
                // The end is left out: with chunks it is a body of its own.
                context.write(wrapOutboundOut(.head(head)), promise: promise)
                bodylessHead = nil
            } else {
                context.write(data, promise: promise)
            }
            goOn(context)
        }
    }

    /// Makes the current request the last one.
    private func end() {
        unanswered -= held.count
        held = []
        head = nil
        body = []
        refusal = nil
        isLast = true
        bytes?.stop()
    }

    /// Continues after a response: with the next request, its error, or further input.
    private func goOn(_ context: ChannelHandlerContext) {
        guard !held.isEmpty else {
            if unanswered == 0 { deadline?.requestsAreAnswered() }
            sendRefusal(context)
            resumeReading(context)
            return
        }
        // In a later turn of the loop, after the other connections that have something to do.
        context.eventLoop.assumeIsolated().execute {
            guard !self.isRemoved, !self.held.isEmpty else { return }
            self.send(self.held.removeFirst(), context)
            context.fireChannelReadComplete()
            self.resumeReading(context)
            guard self.held.isEmpty, let event = self.inputEnd else { return }
            self.inputEnd = nil
            context.fireUserInboundEventTriggered(event)
        }
    }

    private func resumeReading(_ context: ChannelHandlerContext) {
        guard wantsRead, !isReadingHeld else { return }
        wantsRead = false
        context.read()
    }

    private func refuse(
        _ code: ErrorCode,
        occasion: ErrorCode.ErrorDetail? = nil,
        status: Int? = nil,
        _ context: ChannelHandlerContext
    ) {
        guard !isOver else { return }
        let status = status ?? code.status
        refusal = (code, occasion, status, hasBody: bytes?.asksForHead != true)
        head = nil
        body = []
        bytes?.stop()
        report(code, status)
        sendRefusal(context)
    }

    /// Sends the error once the earlier responses are sent.
    private func sendRefusal(_ context: ChannelHandlerContext) {
        guard let refusal, !hasRefused, unanswered == 0 else { return }
        hasRefused = true
        let requestID = String(UInt64.random(in: .min ... .max), radix: 16)
        let text = (try? JSONText.line(ErrorResponse(refusal.code, refusal.occasion, requestID: requestID))) ?? ""
        var fields: HTTPFields = [
            .contentType: "application/json", .cacheControl: "no-store", .connection: "close",
            .contentLength: String(text.utf8.count),
        ]
        if refusal.code == .methodNotAllowed { fields[.allow] = ServedResponse.allowedMethods }
        if refusal.code == .rateLimited { fields[.retryAfter] = "1" }
        let head = HTTPResponse(status: .init(code: refusal.status), headerFields: fields)
        let isWritten = closing(context)
        guard refusal.hasBody else {
            context.writeAndFlush(wrapOutboundOut(.head(head)), promise: isWritten)
            return
        }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(ByteBuffer(string: text))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: isWritten)
    }

    /// A promise for the last write: then the output is closed, and the input a little later.
    private func closing(
        _ context: ChannelHandlerContext,
        after promise: EventLoopPromise<Void>? = nil
    ) -> EventLoopPromise<Void> {
        let isWritten = promise ?? context.eventLoop.makePromise(of: Void.self)
        let channel = context.channel
        isWritten.futureResult.whenComplete { _ in
            channel.close(mode: .output, promise: nil)
            channel.eventLoop.scheduleTask(in: Self.lingering) { channel.cutOff() }
        }
        return isWritten
    }
}
