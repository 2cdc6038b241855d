import BursarFoundation
import BursarModel
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOSSL
import NIOTLS

/// Lets whole requests through one at a time, with bodies of at most ``bodyLimit``, and answers for the rest in our
/// own form.
///
/// A request goes on once its end is here, so that what is malformed in the middle reaches no route, and once the one
/// before it is answered: what came with it is held, a few requests at most, and nothing is read while any is.
/// So whoever sends many in one go waits for each like everybody else. After an answer of its own the connection is
/// closed: where the next request would begin isn't known. No answer to HEAD has a body, whoever gives it.
final class RequestGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// No route takes a body; clients that send a small one anyway are served.
    static let bodyLimit = 1024
    /// Requests that may wait for the one on its way.
    static let heldLimit = 8
    /// Bytes of heads and bodies that may wait.
    private static let heldSizeLimit = 8 << 10
    /// How long a refused client may go on sending before it is cut off, so that it gets to read why.
    private static let lingering = TimeAmount.seconds(2)

    private struct WholeRequest {
        let head: HTTPRequest
        let body: [ByteBuffer]
        let trailers: HTTPFields?

        /// Bytes, about.
        var size: Int {
            let fields = head.headerFields.reduce(0) { $0 + $1.name.rawName.utf8.count + $1.value.utf8.count }
            return (head.path?.utf8.count ?? 0) + fields + body.reduce(0) { $0 + $1.readableBytes }
        }
    }

    private let report: @Sendable (_ code: ErrorCode, _ status: Int) -> Void
    private var deadline: RequestDeadline?
    private var bytes: RequestBytes?

    // The request that is coming in.
    private var head: HTTPRequest?
    private var body: [ByteBuffer] = []
    private var bodySize = 0

    // Those that are whole.
    private var held: [WholeRequest] = []
    /// Whole and not answered: the one on its way, and those that are held.
    private var unanswered = 0
    /// The method of the one on its way.
    private var method = HTTPRequest.Method.get
    /// The head of an answer to HEAD, until its end is written.
    private var bodylessHead: HTTPResponse?

    private var refusal: (code: ErrorCode, occasion: ErrorCode.ErrorDetail?, status: Int, hasBody: Bool)?
    private var hasRefused = false
    /// No request is read after the one under way.
    ///
    /// It asks for another protocol, so that the parser reads nothing after it, for the end of the connection, or has a
    /// body, which is the usual hiding place of a second request.
    private var isLast = false
    /// Somebody wants to read, once there is nothing on its way.
    private var wantsRead = false
    /// The client's side has ended, which is told after its last request.
    private var inputEnd: ChannelEvent?
    private var isRemoved = false

    /// `report` is told of each refusal that is given here.
    init(report: @escaping @Sendable (_ code: ErrorCode, _ status: Int) -> Void) {
        self.report = report
    }

    /// Puts ``RequestBytes`` before the parser, and ``HTTPConformanceHandler`` behind it.
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

    /// Nothing that still comes is heard.
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

    /// Whether what comes now has to wait where it is, in the system's buffer.
    ///
    /// A client that asks and waits sends nothing meanwhile, and stays registered for reading, which costs nothing.
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
            // More came after the last request, which is still to be answered.
            break
        case HTTPParserError.invalidEOFState where refusal != nil:
            // What was passed over had no end.
            break
        case HTTPParserError.invalidEOFState where unanswered > 0:
            // The client has gone in the middle of a request, and may still read the answers to those before.
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
                // The route's own wish: what came after this request isn't heard.
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
                // Without its end, which in chunks is a body of its own.
                context.write(wrapOutboundOut(.head(head)), promise: promise)
                bodylessHead = nil
            } else {
                context.write(data, promise: promise)
            }
            goOn(context)
        }
    }

    /// Makes the request on its way the last one.
    private func end() {
        unanswered -= held.count
        held = []
        head = nil
        body = []
        refusal = nil
        isLast = true
        bytes?.stop()
    }

    /// What follows the end of an answer: the next request, the refusal of it, or whatever comes.
    private func goOn(_ context: ChannelHandlerContext) {
        guard !held.isEmpty else {
            if unanswered == 0 { deadline?.requestsAreAnswered() }
            answer(context)
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
        answer(context)
    }

    /// Gives the refusal once the answers before it have been given.
    private func answer(_ context: ChannelHandlerContext) {
        guard let refusal, !hasRefused, unanswered == 0 else { return }
        hasRefused = true
        let requestID = String(UInt64.random(in: .min ... .max), radix: 16)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let text = (try? encoder.encode(ErrorResponse(refusal.code, refusal.occasion, requestID: requestID))) ?? Data()
        var fields: HTTPFields = [
            .contentType: "application/json", .cacheControl: "no-store", .connection: "close",
            .contentLength: String(text.count),
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
        context.write(wrapOutboundOut(.body(ByteBuffer(bytes: text))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: isWritten)
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
            channel.eventLoop.scheduleTask(in: Self.lingering) { channel.cutOff() }
        }
        return isWritten
    }
}
