import NIOCore

/// Cuts off clients that send a request or a TLS greeting too slowly or not at all, and those that don't accept their
/// responses.
///
/// The limit applies to a new connection's TLS greeting, then to its first request, to each later request from its
/// first byte to its last, and to a response that waits to be accepted. The handler is where bytes arrive, before TLS;
/// ``RequestGuard`` and ``RequestBytes``, which see requests, report their progress to it. Connections that are silent
/// after a response are left to the idle limit.
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

    /// Starts the first request's deadline, as long as the greeting's.
    func tlsIsEstablished() {
        stop()
        requestHasBegun()
    }

    /// Reports that some of a request's bytes have arrived.
    func requestHasBegun() {
        guard deadline == nil, let context else { return }
        deadline = end(context)
    }

    /// Reports that a request is complete and under way.
    func requestIsWhole() {
        stop()
        place?.isAsking()
    }

    /// Reports that no request is under way.
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
    /// Closes the connection beneath TLS, which would otherwise send its own end first and keep the socket open until
    /// the peer has responded, or for 5 s.
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

/// Follows the boundaries of TLS records (RFC 8446, section 5.1): a header of five bytes, of which the last two are the
/// content's length.
private struct TLSRecords {
    private var headerBytes = 0
    private var length = 0
    /// The remaining bytes of the record's content.
    private var left = 0

    /// True between two records.
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
