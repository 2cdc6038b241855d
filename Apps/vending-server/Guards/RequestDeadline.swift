import NIOCore

/// Cuts off clients that send a request, or a TLS greeting, byte by byte, that send none, and those that don't take
/// their answers.
///
/// A new connection has so long for its TLS greeting, then for its first request, and each later request from its
/// first byte to its last; so long may an answer wait to be taken. It stands where bytes come in, before TLS;
/// ``RequestGuard`` and ``RequestBytes``, which see requests, tell it how far they are. A connection on which nothing
/// comes after an answer is the idle limit's to close.
final class RequestDeadline: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let limit: TimeAmount
    private let place: ConnectionTable.Place?
    private var records: TLSRecords?
    private var context: ChannelHandlerContext?
    private var deadline: Scheduled<Void>?
    private var writeDeadline: Scheduled<Void>?

    init(limit: TimeAmount, isTLS: Bool, place: ConnectionTable.Place?) {
        self.limit = limit
        self.place = place
        records = isTLS ? TLSRecords() : nil
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        deadline = end(context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        stop()
        writeDeadline?.cancel()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        requestHasBegun()
        records?.follow(unwrapInboundIn(data))
        context.fireChannelRead(data)
        // A part of a record may hold a part of a request.
        if records?.isBetween == false { requestHasBegun() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        writeDeadline?.cancel()
        writeDeadline = context.channel.isWritable ? nil : end(context)
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        stop()
        context.fireChannelInactive()
    }

    // MARK: How far the requests are

    /// The first request has as long as the greeting had.
    func tlsIsEstablished() {
        stop()
        requestHasBegun()
    }

    /// Some of a request's bytes are here.
    func requestHasBegun() {
        guard deadline == nil, let context else { return }
        deadline = end(context)
    }

    /// A request is here to its end, and on its way.
    func requestIsWhole() {
        stop()
        place?.isAsking()
    }

    /// Nothing is on its way.
    func requestsAreAnswered() {
        place?.isIdle()
    }

    private func end(_ context: ChannelHandlerContext) -> Scheduled<Void> {
        let channel = context.channel
        return context.eventLoop.scheduleTask(in: limit) { channel.cutOff() }
    }

    private func stop() {
        deadline?.cancel()
        deadline = nil
    }
}

extension Channel {
    /// Closes the connection beneath TLS, which would send its own end first and keep the socket open until the other
    /// side has answered it, or for 5 s.
    func cutOff() {
        eventLoop.execute {
            guard let context = try? self.pipeline.syncOperations.context(handlerType: RequestDeadline.self) else {
                self.close(promise: nil)
                return
            }
            context.close(promise: nil)
        }
    }
}

/// Where TLS's records end (RFC 8446, section 5.1): five bytes, of which the last two are the length of what follows.
private struct TLSRecords {
    private var headerBytes = 0
    private var length = 0
    /// Bytes that are still to come of the record's content.
    private var left = 0

    /// Whether no record is under way.
    var isBetween: Bool { headerBytes == 0 && left == 0 }

    mutating func follow(_ buffer: ByteBuffer) {
        var bytes = buffer.readableBytesView[...]
        while let byte = bytes.first {
            guard left == 0 else {
                let taken = min(left, bytes.count)
                left -= taken
                bytes = bytes.dropFirst(taken)
                continue
            }
            length = (length << 8 | Int(byte)) & 0xFFFF
            headerBytes += 1
            bytes = bytes.dropFirst()
            if headerBytes == 5 {
                left = length
                headerBytes = 0
            }
        }
    }
}
