import HummingbirdCore
import Logging
import NIOCore

/// A connection whose requests have a deadline, whatever else is built upon it.
struct GuardedChannel<Base: ServerChildChannel>: ServerChildChannel {
    let base: Base
    /// From a request's first byte to its last.
    let deadline: TimeAmount

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
        channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(RequestDeadline(limit: deadline))
        }
        .flatMap { base.setup(channel: channel, logger: logger) }
    }

    func handle(value: Base.Value, logger: Logger) async {
        await base.handle(value: value, logger: logger)
    }
}
