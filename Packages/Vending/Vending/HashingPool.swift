package import BursarCore
import Dispatch
import Synchronization

/// Runs argon2 off the threads that serve requests, a few at a time.
///
/// Memory stays below `width` times what one hash takes, and at most `depth` callers wait: past that they are refused
/// at once, since a caller that waits longer than its client's patience is work for nobody.
package final class HashingPool: Sendable {
    private struct State {
        var running = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let width: Int
    private let depth: Int
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "bursar.argon2", attributes: .concurrent)

    package init(width: Int, depth: Int = 128) {
        self.width = width
        self.depth = depth
    }

    /// Verifies when a place is free; throws ``RefusalCode/busy`` when the queue is full.
    package func verify(_ key: ResearcherKey, against hash: PasswordHash) async throws -> Bool {
        try await enter()
        defer { leave() }
        return try await withCheckedThrowingContinuation { continuation in
            queue.async {
                continuation.resume(with: Result { try hash.matches(key.text) })
            }
        }
    }

    private func enter() async throws(RefusalCode) {
        let isFull = state.withLock { $0.running >= width && $0.waiting.count >= depth }
        guard !isFull else { throw .busy }
        await withCheckedContinuation { continuation in
            let hasPlace = state.withLock { state in
                guard state.running >= width else {
                    state.running += 1
                    return true
                }
                state.waiting.append(continuation)
                return false
            }
            if hasPlace { continuation.resume() }
        }
    }

    private func leave() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
            state.running -= 1
            return nil
        }
        next?.resume()
    }
}
