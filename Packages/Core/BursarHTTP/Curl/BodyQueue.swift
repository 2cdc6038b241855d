import CCurl
import Synchronization

/// The part of a request body that has come and not yet gone, between the task that brings it and the transfer thread.
///
/// At most ``capacity`` bytes wait, and when they do the task waits too.
final class BodyQueue: Sendable {
    static let capacity = 256 << 10

    let length: Int?
    let state = Mutex(State())
    /// Wakes the transfer thread.
    let wake: @Sendable () -> Void

    struct State {
        var bytes: [UInt8] = []
        /// Of ``bytes``, those that have gone.
        var gone = 0
        /// Bytes that came since the start.
        var total = 0
        /// True if the last byte has arrived.
        var isFinished = false
        /// True if the thread found no bytes and waits to be woken for new ones.
        var isDry = false
        var isClosed = false
        var failure: (any Error)?
        /// The task that brings bytes, while it waits for room.
        var producer: CheckedContinuation<Void, any Error>?
        var task: Task<Void, Never>?

        var waiting: Int { bytes.count - gone }
    }

    /// The result of asking for bytes.
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

    /// True if ``take(into:)`` would return bytes, after it was ``Supply/dry``.
    var hasSupply: Bool {
        state.withLock { !$0.isClosed && ($0.waiting > 0 || $0.isFinished) }
    }

    /// True if all of the body has been sent.
    var isGone: Bool {
        state.withLock { $0.waiting == 0 && ($0.isFinished || $0.total == length) }
    }

    /// The error that ends the transfer.
    var failure: (any Error)? {
        state.withLock { $0.failure }
    }

    var isClosed: Bool {
        state.withLock { $0.isClosed }
    }

    /// Ends the task that produces bytes, which aren't needed any more.
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

extension BodyQueue {
    /// Has a task bring the bytes of `body`, until its end or ``close()``.
    func fill(from body: HTTPClientRequestBody) {
        let task = Task {
            do {
                try await body.pour(self)
            } catch {
                fail(error)
            }
        }
        let isClosed = state.withLock { state in
            if !state.isClosed { state.task = task }
            return state.isClosed
        }
        if isClosed { task.cancel() }
    }

    /// Adds bytes, waiting for room.
    func add(_ piece: [UInt8]) async throws {
        var rest = piece[...]
        while !rest.isEmpty {
            let (count, isAwaited) = try state.withLock { state in
                try state.admit(rest, of: length)
            }
            if isAwaited { wake() }
            rest = rest.dropFirst(count)
            if !rest.isEmpty { try await room() }
        }
    }

    /// Tells that the last byte has come.
    func finish() throws {
        let isAwaited = try state.withLock { state in
            guard length == nil || state.total == length else {
                throw TransportError.invalidRequest(detail: "the body is shorter than its length")
            }
            state.isFinished = true
            return state.isDry
        }
        if isAwaited { wake() }
    }

    private func room() async throws {
        try await withCheckedThrowingContinuation { continuation in
            let result = state.withLock { state -> Result<Void, any Error>? in
                if state.isClosed { return .failure(CancellationError()) }
                if state.waiting < Self.capacity { return .success(()) }
                state.producer = continuation
                return nil
            }
            if let result { continuation.resume(with: result) }
        }
    }

    private func fail(_ error: any Error) {
        state.withLock { state in
            if !state.isClosed { state.failure = error }
        }
        wake()
    }
}

extension BodyQueue.State {
    /// Takes as much of `piece` as there is room for, and says how much, and whether the thread waits for it.
    fileprivate mutating func admit(_ piece: ArraySlice<UInt8>, of length: Int?) throws -> (Int, Bool) {
        if isClosed { throw CancellationError() }
        if let length, piece.count > length - total {
            throw TransportError.invalidRequest(detail: "the body is longer than its length")
        }
        let count = min(piece.count, BodyQueue.capacity - waiting)
        if gone == bytes.count || gone >= BodyQueue.capacity / 2 {
            bytes.removeFirst(gone)
            gone = 0
        }
        bytes.append(contentsOf: piece.prefix(count))
        total += count
        defer { isDry = false }
        return (count, isDry && count > 0)
    }
}

/// The paused directions of a transfer, and the time of the next check.
struct Backpressure {
    /// The interval between checks of a body that has nothing to send.
    private static let interval = Duration.seconds(1)

    /// libcurl's bits of the directions that are paused.
    var directions: CInt = CURLPAUSE_CONT {
        didSet { if !holds(CURLPAUSE_SEND) { nextLook = nil } }
    }
    /// The time of the next check of paused sending, once there is a response.
    ///
    /// libcurl stops sending when it has the whole response, but doesn't end a transfer that is paused (7.88).
    private(set) var nextLook: ContinuousClock.Instant?
    private var hasReceived = false

    func holds(_ direction: CInt) -> Bool {
        directions & direction != 0
    }

    mutating func begin(_ direction: CInt, at now: ContinuousClock.Instant) {
        directions |= direction
        if direction == CURLPAUSE_SEND {
            nextLook = now.advanced(by: Self.interval)
            hasReceived = false
        }
    }

    mutating func noteReceived() {
        hasReceived = true
    }

    /// Returns true if libcurl has to check a paused direction, at most once for each change.
    mutating func isDue(at now: ContinuousClock.Instant) -> Bool {
        guard let nextLook, hasReceived || nextLook <= now else { return false }
        self.nextLook = now.advanced(by: Self.interval)
        hasReceived = false
        return true
    }
}
