package import BursarModel
import Synchronization

/// Runs argon2 on threads of its own, a few hashes at a time, and fairly.
///
/// Memory stays below `width` times that of one hash. Key ids are public and wrong secrets cost as much as right ones,
/// so each id and each address has one hash under way at a time, and addresses take turns. The queue is bounded in all,
/// per id and per address: past that, the network with most callers waiting loses a place, or is refused; among equals,
/// the one that has sent most wrong secrets.
package final class HashingPool: Sendable {
    private let turns: Mutex<FairQueue>
    private let threads: HashingThreads
    private let hashed: @Sendable (Duration) -> Void

    /// Starts the threads.
    ///
    /// `hashed` receives the duration of each hash. `priorityRefused` receives, at most once, the `errno` because of
    /// which the threads have the priority of all others.
    ///
    /// - Throws: ``HashingThreadError``.
    package init(
        width: Int,
        depth: Int = 256,
        depthPerAddress: Int = 32,
        depthPerKey: Int = 16,
        priorityRefused: @escaping @Sendable (CInt) -> Void = { _ in },
        hashed: @escaping @Sendable (Duration) -> Void = { _ in }
    ) throws(HashingThreadError) {
        self.hashed = hashed
        threads = try HashingThreads(count: width, priorityRefused: priorityRefused)
        turns = Mutex(
            FairQueue(width: width, depth: depth, depthPerAddress: depthPerAddress, depthPerKey: depthPerKey)
        )
    }

    /// The number of callers in the queue.
    package var waiting: Int {
        turns.withLock { $0.waiting }
    }

    /// Verifies `key` at this caller's turn; `failures` is the number of wrong secrets that `address` has sent lately.
    ///
    /// - Throws: ``ErrorCode/busy`` if the queue is full, `CancellationError`, or ``Argon2Error``.
    package func verify(
        _ key: ResearcherKey,
        against hash: PasswordHash,
        from address: CIDRBlock,
        after failures: Int = 0
    ) async throws -> Bool {
        let ticket = turns.withLock { $0.ticket(key: key.id, address: address, failures: failures) }
        try await wait(for: ticket)
        let result = await withCheckedContinuation { continuation in
            threads.run { [hashed] in
                let start = ContinuousClock.now
                let result = Result { try hash.matches(key.text) }
                hashed(.now - start)
                continuation.resume(returning: result)
            }
        }
        finish(ticket, isRight: try? result.get())
        return try result.get()
    }

    private func wait(for ticket: FairQueue.Ticket) async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                switch turns.withLock({ $0.enqueue(ticket, continuation) }) {
                case .waits: break
                case .waitsInsteadOf(let other): other.resume(throwing: ErrorCode.busy)
                case .refused: return continuation.resume(throwing: ErrorCode.busy)
                }
                if Task.isCancelled { cancel(ticket) }
                startNext()
            }
        } onCancel: {
            cancel(ticket)
        }
    }

    private func cancel(_ ticket: FairQueue.Ticket) {
        turns.withLock { $0.remove(ticket) }?.resume(throwing: CancellationError())
    }

    private func finish(_ ticket: FairQueue.Ticket, isRight: Bool?) {
        turns.withLock { $0.finish(ticket, isRight: isRight) }
        startNext()
    }

    private func startNext() {
        while let next = turns.withLock({ $0.next() }) { next.resume() }
    }
}
