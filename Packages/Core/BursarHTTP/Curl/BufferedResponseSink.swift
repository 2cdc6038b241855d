import BursarFoundation
import CCurl
import Synchronization

/// Collects an answer for a sender who waits for all of it.
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
