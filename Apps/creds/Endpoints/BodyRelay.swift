import Synchronization

/// Passes a request's body from the connection to whoever handles it, holding the client up when that takes long.
///
/// The connection is read even when nobody wants the body, since only that shows a client who leaves.
struct BodyRelay: Sendable {
    private let pieces: AsyncThrowingStream<[UInt8], any Error>
    private let input: AsyncThrowingStream<[UInt8], any Error>.Continuation
    private let taken: AsyncStream<Void>
    private let take: AsyncStream<Void>.Continuation
    private let state: State

    private final class State: Sendable {
        let waiting = Mutex(0)
    }

    /// What waits at most before the client has to.
    private static let room = 256 << 10

    init() {
        (pieces, input) = AsyncThrowingStream.makeStream()
        (taken, take) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        state = State()
        input.onTermination = { [take] _ in take.finish() }
    }

    /// Hands a piece on, and waits while too many do; drops it when nobody wants it.
    func put(_ piece: [UInt8]) async {
        guard case .enqueued = input.yield(piece) else { return }
        state.waiting.withLock { $0 += piece.count }
        while state.waiting.withLock({ $0 }) > Self.room {
            var turns = taken.makeAsyncIterator()
            guard await turns.next() != nil else { return }
        }
    }

    /// Says that a piece of that many bytes has gone.
    fileprivate func didTake(_ count: Int) {
        state.waiting.withLock { $0 -= count }
        take.yield()
    }

    /// No more comes; with an error, not all came.
    func finish(throwing error: (any Error)? = nil) {
        input.finish(throwing: error)
    }
}

/// The body as a transfer takes it, once.
extension BodyRelay: AsyncSequence {
    struct Iterator: AsyncIteratorProtocol {
        fileprivate let relay: BodyRelay
        fileprivate var pieces: AsyncThrowingStream<[UInt8], any Error>.Iterator

        mutating func next() async throws -> [UInt8]? {
            let piece = try await pieces.next()
            if let piece { relay.didTake(piece.count) }
            return piece
        }
    }

    func makeAsyncIterator() -> Iterator {
        Iterator(relay: self, pieces: pieces.makeAsyncIterator())
    }
}
