package import BursarFoundation
package import BursarModel
import Dispatch
import Synchronization
package import Vending

/// The server's audit log: one writer, and one commit for all waiting vends.
///
/// A caller waits for the commit, at most ``timeout``. After an input or output error on commit, or if the database was
/// replaced, the state on disk is unknown: nothing is recorded, and so nothing vended, until the server
/// is restarted.
package final class Recorder: AuditLog {
    typealias Outcome = Result<DailyUsage, AuditLogError>

    private struct Waiter {
        let vend: Vend
        let since: ContinuousClock.Instant
        let continuation: CheckedContinuation<Outcome, Never>
    }

    private struct State {
        var waiting: [Waiter] = []
        var committing: [Int: Waiter] = [:]
        var isWriting = false
        var fault: String?
        var lastFailure: String?
        var commits = 0
        var vends = 0
        var known = KnownNetworks()
    }

    package static let timeout = Duration.seconds(2)
    private static let batchLimit = 512
    private static let queueLimit = 16_384

    private let database: any Database
    private let now: @Sendable () -> Date
    private let clock = ContinuousClock()
    private let queue = DispatchQueue(label: "bursar.recorder", qos: .userInitiated)
    private let state = Mutex(State())
    private let committed: @Sendable (_ vends: Int, Duration) -> Void

    /// `committed` receives the number of vends and the duration of each commit.
    package init(
        database: any Database,
        now: @escaping @Sendable () -> Date,
        committed: @escaping @Sendable (_ vends: Int, Duration) -> Void = { _, _ in }
    ) {
        self.committed = committed
        self.database = database
        self.now = now
        // If this fails, so does the first commit, which reports the cause.
        try? database.beginServing()
    }

    /// The number of committed vends and commits since the start, and the failure that stops the next vend, if any.
    package var progress: (vends: Int, commits: Int, failure: String?) {
        state.withLock { ($0.vends, $0.commits, $0.fault ?? $0.lastFailure) }
    }

    /// The number of vends that no commit has taken yet, and of those that one has.
    var underWay: (waiting: Int, committing: Int) { state.withLock { ($0.waiting.count, $0.committing.count) } }

    @discardableResult
    package func record(_ vend: Vend) async throws(AuditLogError) -> DailyUsage {
        let since = clock.now
        let outcome = await withCheckedContinuation { continuation in
            enqueue(Waiter(vend: vend, since: since, continuation: continuation))
        }
        return try outcome.get()
    }

    package func use(of key: KeyID, on day: UTCDay) async throws -> DailyUsage {
        try await Ledger(database).use(of: key, on: day)
    }

    /// Fails vends that have waited too long; to be called several times a second.
    package func expire() {
        let limit = clock.now - Self.timeout
        let expired = state.withLock { state in
            let late = state.waiting.filter { $0.since < limit }
            if !late.isEmpty { state.waiting.removeAll { $0.since < limit } }
            let stuck = state.committing.filter { $0.value.since < limit }
            for index in stuck.keys { state.committing[index] = nil }
            return late + stuck.values
        }
        for waiter in expired {
            waiter.continuation.resume(returning: .failure(.unavailable(cause: "the commit took too long")))
        }
    }

    /// After a failure, tests if the database accepts writes again, so that readiness returns without a vend.
    package func probeIfFailing() {
        let isDue = state.withLock { state in
            guard state.lastFailure != nil, state.fault == nil, !state.isWriting else { return false }
            state.isWriting = true
            return true
        }
        guard isDue else { return }
        queue.async {
            if (try? self.database.probe()) != nil { self.state.withLock { $0.lastFailure = nil } }
            self.writeAll()
        }
    }

    private func enqueue(_ waiter: Waiter) {
        enum Place {
            case waits, waitsAndWrites
            case refused(String)
        }
        let place = state.withLock { state -> Place in
            if let fault = state.fault { return .refused(fault) }
            guard state.waiting.count < Self.queueLimit else { return .refused("too many vends wait") }
            state.waiting.append(waiter)
            guard !state.isWriting else { return .waits }
            state.isWriting = true
            return .waitsAndWrites
        }
        switch place {
        case .waits: break
        case .waitsAndWrites: queue.async { self.writeAll() }
        case .refused(let cause): waiter.continuation.resume(returning: .failure(.unavailable(cause: cause)))
        }
    }

    private func writeAll() {
        while let batch = nextBatch() {
            let outcomes = commit(batch, isGrowing: true)
            let answered = state.withLock { state in
                let answered = outcomes.indices.compactMap { index in state.committing[index].map { (index, $0) } }
                state.committing = [:]
                return answered
            }
            for (index, waiter) in answered {
                waiter.continuation.resume(returning: outcomes[index])
            }
        }
    }

    private func nextBatch() -> [Vend]? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isWriting = false
                return nil
            }
            let batch = state.waiting.prefix(Self.batchLimit)
            state.waiting.removeFirst(batch.count)
            state.committing = Dictionary(uniqueKeysWithValues: zip(0..., batch))
            return batch.map(\.vend)
        }
    }

    /// Returns the vends that have come while a commit of `count` waited for the lock, if they are as many as those at
    /// least.
    ///
    /// With several servers, each waits while another commits: without them it would go on with the few that had come
    /// before. Fewer aren't worth another round trip to the database.
    private func lateVends(beside count: Int) -> [Vend] {
        state.withLock { state in
            guard state.waiting.count >= count else { return [] }
            let late = state.waiting.prefix(Self.batchLimit - count)
            state.waiting.removeFirst(late.count)
            for (index, waiter) in zip(count..., late) { state.committing[index] = waiter }
            return late.map(\.vend)
        }
    }

    /// Commits the vends together, or each by itself if one of them fails the common transaction.
    ///
    /// After a fault, all vends fail, including those already waiting. If it `isGrowing`, it takes vends along that come
    /// while it waits for the lock.
    ///
    /// - Returns: the outcomes of `batch`, and of the vends that were taken along.
    private func commit(_ batch: [Vend], isGrowing: Bool) -> [Outcome] {
        var batch = batch
        if let fault = state.withLock({ $0.fault }) { return batch.map { _ in .failure(.unavailable(cause: fault)) } }
        do {
            let date = now()
            let start = clock.now
            let known = state.withLock { $0.known }
            let (outcomes, met) = try database.write { db in
                try VendBatch(batch, at: date).write(to: db, known) {
                    let late = isGrowing ? lateVends(beside: batch.count) : []
                    batch += late
                    return late
                }
            }
            committed(batch.count, clock.now - start)
            state.withLock { state in
                state.known = met
                state.commits += 1
                state.vends += outcomes.count { if case .success = $0 { true } else { false } }
                state.lastFailure = nil
            }
            return outcomes
        } catch StoreError.unavailable where batch.count > 1 {
            return batch.flatMap { commit([$0], isGrowing: false) }
        } catch {
            let cause = "\(error)"
            state.withLock { state in
                state.lastFailure = cause
                if (error as? StoreError)?.isFinal == true { state.fault = cause }
            }
            return batch.map { _ in .failure(.unavailable(cause: cause)) }
        }
    }
}
