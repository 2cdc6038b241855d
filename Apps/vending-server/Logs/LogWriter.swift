import Dispatch
import Synchronization

/// Accepts log lines without blocking the caller, and writes them in order on a thread of its own.
///
/// The log's reader may be slow or stuck: past `limit` bytes lines are dropped and counted, and the count is written as
/// soon as there is room again. Important lines (alarms, heads of the chain) have a `reserve` of their own, so that no
/// flood of others displaces them.
final class LogWriter: Sendable {
    private struct State {
        var waiting: [UInt8] = []
        var dropped = 0
        var isWriting = false
    }

    /// The time for which lines are gathered, so that a busy server doesn't wake a thread for each.
    private static let gathering = DispatchTimeInterval.milliseconds(10)

    private let limit: Int
    private let reserve: Int
    private let write: @Sendable ([UInt8]) -> Void
    private let dropNotice: @Sendable (Int) -> [UInt8]
    private let queue = DispatchQueue(label: "bursar.log")
    private let state = Mutex(State())

    /// `write` may block; `dropNotice` is the line that reports the number of dropped lines.
    init(
        limit: Int = 1 << 20,
        reserve: Int = 256 << 10,
        dropNotice: @escaping @Sendable (Int) -> [UInt8],
        write: @escaping @Sendable ([UInt8]) -> Void
    ) {
        self.limit = limit
        self.reserve = reserve
        self.dropNotice = dropNotice
        self.write = write
    }

    /// Queues a whole line with its line end; one that `matters` may use the reserve.
    func append(_ line: [UInt8], matters: Bool = false) {
        let isFirst = state.withLock { state in
            guard state.waiting.count + line.count <= (matters ? limit + reserve : limit) else {
                state.dropped += 1
                return false
            }
            state.waiting += line
            if state.isWriting { return false }
            state.isWriting = true
            return true
        }
        if isFirst { queue.asyncAfter(deadline: .now() + Self.gathering) { self.writeAll() } }
    }

    /// Waits until all queued lines are written; returns false when that takes longer than `timeout`.
    @discardableResult
    func flush(within timeout: Duration) -> Bool {
        let isDone = DispatchSemaphore(value: 0)
        queue.async {
            self.writeAll()
            isDone.signal()
        }
        let (seconds, attoseconds) = timeout.components
        let deadline = DispatchTime.now() + .seconds(Int(seconds)) + .nanoseconds(Int(attoseconds / 1_000_000_000))
        return isDone.wait(timeout: deadline) == .success
    }

    private func writeAll() {
        while let chunk = next() { write(chunk) }
    }

    private func next() -> [UInt8]? {
        let (chunk, dropped) = state.withLock { state in
            let taken = (state.waiting, state.dropped)
            state.waiting = []
            state.dropped = 0
            if taken.0.isEmpty, taken.1 == 0 { state.isWriting = false }
            return taken
        }
        if dropped > 0 { return chunk + dropNotice(dropped) }
        return chunk.isEmpty ? nil : chunk
    }
}
