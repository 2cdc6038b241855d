import Synchronization

/// Hands an answer on as it comes: the head to the one who sent the request, the body to the one who reads it.
///
/// At most ``capacity`` bytes wait, and when they do the transfer thread waits too.
final class StreamingResponseSink: ResponseSink {
    static let capacity = 256 << 10

    private let state: Mutex<State>
    /// Has the transfer thread look around.
    private let wake: @Sendable () -> Void
    /// Has the transfer end, if it hasn't.
    private let stop: @Sendable () -> Void

    private struct State {
        /// Waits for the head; nil once it was told.
        var sender: CheckedContinuation<StreamedResponse, any Error>?
        /// Waits for bytes, when there are none.
        var reader: CheckedContinuation<[UInt8]?, any Error>?
        var bytes: [UInt8] = []
        /// Whether bytes were refused for want of room.
        var isFull = false
        /// Whether nobody reads any more.
        var isAbandoned = false
        var outcome: Result<Void, any Error>?
    }

    init(
        sender: CheckedContinuation<StreamedResponse, any Error>,
        wake: @escaping @Sendable () -> Void,
        end stop: @escaping @Sendable () -> Void
    ) {
        state = Mutex(State(sender: sender))
        self.wake = wake
        self.stop = stop
    }

    // MARK: The reader's side

    /// The bytes that have come since the last call, waiting for some; nil at the end of the body.
    ///
    /// To be called by one task at a time.
    func next() async throws -> [UInt8]? {
        try await withCheckedThrowingContinuation { continuation in
            let (result, wasFull) = state.withLock { state -> (Result<[UInt8]?, any Error>?, Bool) in
                precondition(state.reader == nil, "the body of an answer has one reader")
                defer { state.isFull = false }
                if !state.bytes.isEmpty {
                    let bytes = state.bytes
                    state.bytes = []
                    return (.success(bytes), state.isFull)
                }
                if let outcome = state.outcome { return (outcome.map { nil }, false) }
                state.reader = continuation
                return (nil, state.isFull)
            }
            if wasFull { wake() }
            if let result { continuation.resume(with: result) }
        }
    }

    /// Ends the transfer, if it hasn't ended: what waits is dropped, what comes is refused, and a reader who waits is let go.
    func abandon() {
        let reader = state.withLock { state -> CheckedContinuation<[UInt8]?, any Error>? in
            if case .success = state.outcome, state.bytes.isEmpty { return nil }
            if case .failure = state.outcome {} else { state.outcome = .failure(CancellationError()) }
            state.isAbandoned = true
            state.bytes = []
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume(throwing: CancellationError())
        stop()
    }

    // MARK: The transfer thread's side

    func begin(status: Int, headers: [(name: String, value: String)]) {
        let sender = state.withLock { state in
            defer { state.sender = nil }
            return state.sender
        }
        sender?.resume(returning: StreamedResponse(status: status, headers: headers, body: StreamedBody(self)))
    }

    func take(_ bytes: UnsafeRawBufferPointer) -> WriteResult {
        let (intake, reader) = state.withLock { state -> (WriteResult, CheckedContinuation<[UInt8]?, any Error>?) in
            if state.isAbandoned { return (.refused, nil) }
            if bytes.isEmpty { return (.taken, nil) }
            if let reader = state.reader {
                state.reader = nil
                return (.taken, reader)
            }
            guard state.bytes.isEmpty || state.bytes.count + bytes.count <= Self.capacity else {
                state.isFull = true
                return (.full, nil)
            }
            state.bytes.append(contentsOf: bytes)
            return (.taken, nil)
        }
        reader?.resume(returning: Array(bytes))
        return intake
    }

    var hasRoom: Bool {
        state.withLock { $0.bytes.isEmpty || $0.isAbandoned }
    }

    func end(_ outcome: Result<Void, any Error>) {
        let (sender, reader) = state.withLock { state in
            state.outcome = state.outcome ?? outcome
            defer { (state.sender, state.reader) = (nil, nil) }
            return (state.sender, state.reader)
        }
        sender?.resume(with: outcome.flatMap { .failure(TransportError.broken(detail: "there is no answer")) })
        reader?.resume(with: outcome.map { nil })
    }
}
