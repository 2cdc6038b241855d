import HummingbirdCore
import Logging
import NIOCore

/// A connection that has a place among the others, takes in little at a time, and whose requests have a deadline,
/// whatever else is built upon it.
struct HardenedChannel<Base: ServerChildChannel>: ServerChildChannel {
    let base: Base
    /// From a request's first byte to its last.
    let deadline: TimeAmount
    let isTLS: Bool
    /// nil counts nothing.
    let connections: ConnectionTable?

    /// Bytes that are read at once: more than most requests have, and little to hold.
    private static var receiveBuffer: Int { 4 << 10 }
    /// Bytes that the system holds of what isn't read yet, and of what the client doesn't take; it doubles them.
    private static var socketBuffers: (receive: Int, send: Int) { (16 << 10, 32 << 10) }
    /// Bytes that wait here when the system takes no more; past them an answer counts as not taken.
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
