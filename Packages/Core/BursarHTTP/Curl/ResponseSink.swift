import BursarFoundation
import BursarModel
import CCurl
import Synchronization

/// The destination of a response on the transfer thread: ``BufferedResponseSink`` collects it,
/// ``StreamingResponseSink`` hands it on as it comes.
///
/// The thread calls ``begin(status:headers:)`` at most once, before any byte, and ``end(_:)`` once, at last.
protocol ResponseSink: Sendable {
    /// Takes the head of the final response.
    func begin(status: Int, headers: [(name: String, value: String)])

    /// Takes bytes of the body, all of them or none.
    func take(_ bytes: UnsafeRawBufferPointer) -> WriteResult

    /// True if it would take bytes again, after it was ``WriteResult/full``.
    var hasRoom: Bool { get }

    /// Takes the outcome: success when libcurl saw the response's end.
    func end(_ outcome: Result<Void, any Error>)
}

/// The result of offering bytes.
enum WriteResult {
    case taken
    /// There is no room now: offer them again.
    case full
    /// The transfer has to stop.
    case refused
}

/// Collects a response for a sender who waits for all of it.
final class BufferedResponseSink: ResponseSink {
    private let limit: Int
    private let continuation: CheckedContinuation<HTTPClientResponse, any Error>
    private let state = Mutex(State())

    private struct State {
        var status = 0
        var headers: [(name: String, value: String)] = []
        var body = Data()
        var isTooLarge = false
    }

    /// Bytes of body up to `limit` are taken; one more is ``TransportError/tooLarge``.
    init(limit: Int, continuation: CheckedContinuation<HTTPClientResponse, any Error>) {
        self.limit = limit
        self.continuation = continuation
    }

    var hasRoom: Bool { true }

    func begin(status: Int, headers: [(name: String, value: String)]) {
        state.withLock { state in
            state.status = status
            state.headers = headers
        }
    }

    func take(_ bytes: UnsafeRawBufferPointer) -> WriteResult {
        state.withLock { state in
            guard bytes.count <= limit - state.body.count else {
                state.isTooLarge = true
                return .refused
            }
            state.body.append(contentsOf: bytes)
            return .taken
        }
    }

    func end(_ outcome: Result<Void, any Error>) {
        let result = state.withLock { state -> Result<HTTPClientResponse, any Error> in
            if state.isTooLarge { return .failure(TransportError.tooLarge) }
            if case .failure(let error) = outcome { return .failure(error) }
            return .success(HTTPClientResponse(status: state.status, headers: state.headers, body: state.body))
        }
        continuation.resume(with: result)
    }
}

/// Hands a response on as it comes: the head to the one who sent the request, the body to the one who reads it.
///
/// At most ``capacity`` bytes wait, and when they do the transfer thread waits too.
final class StreamingResponseSink: ResponseSink {
    static let capacity = 256 << 10

    private let state: Mutex<State>
    /// Wakes the transfer thread.
    private let wake: @Sendable () -> Void
    /// Has the transfer end, if it hasn't.
    private let stop: @Sendable () -> Void

    private struct State {
        /// The continuation of the task that waits for the head; nil once it was resumed.
        var sender: CheckedContinuation<StreamedResponse, any Error>?
        /// Waits for bytes, when there are none.
        var reader: CheckedContinuation<[UInt8]?, any Error>?
        var bytes: [UInt8] = []
        /// True if bytes were refused for lack of room.
        var isFull = false
        /// True if the reader is gone.
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

    /// Ends the transfer, if it hasn't ended: what waits is dropped, what comes is refused, and a reader who waits is
    /// let go.
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

/// Gathers the head of a response as it arrives, and stops it when it grows too large.
struct HeadCollector {
    /// Bytes of all header lines of one transfer, interim responses and trailers too.
    static let limit = 64 << 10

    private(set) var headers: [(name: String, value: String)] = []
    /// True if the empty line after the headers has arrived.
    private(set) var isComplete = false
    /// Set when the limit has passed.
    private(set) var isTooLarge = false
    private var bytes = 0

    /// Takes one line of the head, its line end included; false when the transfer has to stop.
    ///
    /// A status line starts over, so that interim responses (1xx) leave nothing behind; trailers are dropped.
    mutating func add(_ line: some Collection<UInt8>) -> Bool {
        bytes += line.count
        guard bytes <= Self.limit else {
            isTooLarge = true
            return false
        }
        let line = String(decoding: line, as: UTF8.self)
        if line.hasPrefix("HTTP/") {
            headers = []
            isComplete = false
        } else if line == "\r\n" || line == "\n" {
            isComplete = true
        } else if !isComplete, let colon = line.firstIndex(of: ":") {
            let value = line[line.index(after: colon)...]
            headers.append((String(line[..<colon]), String(value.trimmingASCIIWhitespace())))
        }
        return true
    }
}
