import Synchronization

/// Passes a request's body from the connection to its handler, with backpressure on the client.
///
/// The connection is read even when no handler consumes the body, since only reading reveals that a client has
/// disconnected.
struct BodyRelay: Sendable {
    private let pieces: AsyncThrowingStream<[UInt8], any Error>
    private let input: AsyncThrowingStream<[UInt8], any Error>.Continuation
    private let taken: AsyncStream<Void>
    private let take: AsyncStream<Void>.Continuation
    private let state: State

    private final class State: Sendable {
        let waiting = Mutex(0)
    }

    /// The maximum of buffered bytes before the client has to wait.
    private static let room = 256 << 10

    init() {
        (pieces, input) = AsyncThrowingStream.makeStream()
        (taken, take) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        state = State()
        input.onTermination = { [take] _ in take.finish() }
    }

    /// Adds a piece, and waits while too many are buffered; drops it when no handler consumes the body.
    func put(_ piece: [UInt8]) async {
        guard case .enqueued = input.yield(piece) else { return }
        state.waiting.withLock { $0 += piece.count }
        while state.waiting.withLock({ $0 }) > Self.room {
            var turns = taken.makeAsyncIterator()
            guard await turns.next() != nil else { return }
        }
    }

    /// Reports that a piece of that many bytes was consumed.
    fileprivate func didTake(_ count: Int) {
        state.waiting.withLock { $0 -= count }
        take.yield()
    }

    /// Ends the body; with an error, the body is incomplete.
    func finish(throwing error: (any Error)? = nil) {
        input.finish(throwing: error)
    }
}

/// The body as a transfer consumes it, once.
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
