import Synchronization

/// The part of a request body that has come and not yet gone, between the task that brings it and the transfer thread.
///
/// At most ``capacity`` bytes wait, and when they do the task waits too.
final class BodyQueue: Sendable {
    static let capacity = 256 << 10

    let length: Int?
    let state = Mutex(State())
    /// Has the transfer thread look around.
    let wake: @Sendable () -> Void

    struct State {
        var bytes: [UInt8] = []
        /// Of ``bytes``, those that have gone.
        var gone = 0
        /// Bytes that came since the start.
        var total = 0
        /// Whether the last byte has come.
        var isFinished = false
        /// Whether the thread asked in vain, and has to be told of new bytes.
        var isDry = false
        var isClosed = false
        var failure: (any Error)?
        /// The task that brings bytes, while it waits for room.
        var producer: CheckedContinuation<Void, any Error>?
        var task: Task<Void, Never>?

        var waiting: Int { bytes.count - gone }
    }

    /// What the thread gets.
    enum Supply {
        case bytes(Int)
        /// There is nothing now.
        case dry
        case end
    }

    init(length: Int?, wake: @escaping @Sendable () -> Void) {
        self.length = length
        self.wake = wake
    }

    /// Moves bytes into `room`.
    func take(into room: UnsafeMutableRawBufferPointer) -> Supply {
        let (supply, producer) = state.withLock { state -> (Supply, CheckedContinuation<Void, any Error>?) in
            let count = min(state.waiting, room.count)
            guard count > 0, !state.isClosed else {
                if state.isFinished, !state.isClosed { return (.end, nil) }
                state.isDry = true
                return (.dry, nil)
            }
            room.copyBytes(from: state.bytes[state.gone..<state.gone + count])
            state.gone += count
            guard state.waiting <= Self.capacity / 2 else { return (.bytes(count), nil) }
            defer { state.producer = nil }
            return (.bytes(count), state.producer)
        }
        producer?.resume()
        return supply
    }

    /// Whether ``take(into:)`` would bring something, after it was ``Supply/dry``.
    var hasSupply: Bool {
        state.withLock { !$0.isClosed && ($0.waiting > 0 || $0.isFinished) }
    }

    /// Whether all of the body has gone.
    var isGone: Bool {
        state.withLock { $0.waiting == 0 && ($0.isFinished || $0.total == length) }
    }

    /// Why the transfer has to be broken off.
    var failure: (any Error)? {
        state.withLock { $0.failure }
    }

    var isClosed: Bool {
        state.withLock { $0.isClosed }
    }

    /// Ends the task that brings bytes: nobody wants them any more.
    func close() {
        let (task, producer) = state.withLock { state in
            state.isClosed = true
            state.bytes = []
            state.gone = 0
            defer { (state.task, state.producer) = (nil, nil) }
            return (state.task, state.producer)
        }
        task?.cancel()
        producer?.resume(throwing: CancellationError())
    }
}
