package import BursarCore
import Dispatch
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Runs argon2 off the threads that serve requests, a few at a time, and fairly.
///
/// Memory stays below `width` times what one hash takes. Key ids are public and wrong secrets cost as much as right
/// ones, so one id and one address have one hash under way at a time, addresses take turns, and what waits is bounded
/// in all and per address: past that, callers are refused at once.
package final class HashingPool: Sendable {
    private let turns: Mutex<Turns>
    /// Of a quality that nothing else here asks for, so that its threads only ever hash.
    private let queue = DispatchQueue(label: "bursar.argon2", qos: .utility, attributes: .concurrent)
    private let hashed: @Sendable (Duration) -> Void

    /// `hashed` is told how long each hash took.
    package init(
        width: Int,
        depth: Int = 256,
        depthPerAddress: Int = 32,
        hashed: @escaping @Sendable (Duration) -> Void = { _ in }
    ) {
        self.hashed = hashed
        turns = Mutex(Turns(width: width, depth: depth, depthPerAddress: depthPerAddress))
    }

    /// How many wait for their turn.
    package var waiting: Int {
        turns.withLock { $0.waiting }
    }

    /// Verifies when it is this caller's turn.
    ///
    /// - Throws: ``RefusalCode/busy`` when too many wait already, `CancellationError`, or ``Argon2Fault``.
    package func verify(
        _ key: ResearcherKey,
        against hash: PasswordHash,
        from address: CIDRBlock
    ) async throws -> Bool {
        let ticket = turns.withLock { $0.ticket(key: key.id, address: address) }
        try await wait(for: ticket)
        defer { finish(ticket) }
        return try await withCheckedThrowingContinuation { continuation in
            queue.async {
                Self.yieldToOthers()
                let start = ContinuousClock.now
                let result = Result { try hash.matches(key.text) }
                self.hashed(.now - start)
                continuation.resume(with: result)
            }
        }
    }

    /// Lets whoever answers requests go first on a busy machine: Dispatch leaves threads' priorities alone on Linux.
    private static func yieldToOthers() {
        // On Linux, and only there, a process's number of 0 means the calling thread.
        #if canImport(Glibc)
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 5)
        #elseif canImport(Musl)
        setpriority(PRIO_PROCESS, 0, 5)
        #endif
    }

    private func wait(for ticket: Turns.Ticket) async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isQueued = turns.withLock { $0.enqueue(ticket, continuation) }
                guard isQueued else { return continuation.resume(throwing: RefusalCode.busy) }
                if Task.isCancelled { cancel(ticket) }
                startNext()
            }
        } onCancel: {
            cancel(ticket)
        }
    }

    private func cancel(_ ticket: Turns.Ticket) {
        turns.withLock { $0.remove(ticket) }?.resume(throwing: CancellationError())
    }

    private func finish(_ ticket: Turns.Ticket) {
        turns.withLock { $0.finish(ticket) }
        startNext()
    }

    private func startNext() {
        while let next = turns.withLock({ $0.next() }) { next.resume() }
    }
}
