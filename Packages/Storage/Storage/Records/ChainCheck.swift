import BursarFoundation
import Dispatch
import GRDB
import Synchronization

/// One check of a stretch of the chain, its parts read side by side.
///
/// A record's check needs only the stored hash of the one before, so parts are checked in any order; each in a read
/// transaction of its own, so that the database's log is not held up for as long as it all takes.
final class ChainCheck: Sendable {
    /// Records of one part, unless a test says.
    static let usualPart: Int64 = 32_768
    /// Connections that the pool has for readers.
    private static let widest = 5

    private struct State {
        var next: Int64
        var checked: Int64 = 0
        var fault: ChainError?
        var failure: (any Error)?
    }

    private let pool: DatabasePool
    private let start: Chain
    private let last: Int64
    private let part: Int64
    private let progress: @Sendable (_ checked: Int64) -> Void
    private let state: Mutex<State>

    /// Records after `start` up to `last`; `progress` is told how many are done, now and then, from any thread.
    init(
        _ pool: DatabasePool,
        after start: Chain,
        through last: Int64,
        part: Int64 = usualPart,
        progress: @escaping @Sendable (_ checked: Int64) -> Void
    ) {
        self.pool = pool
        self.start = start
        self.last = last
        self.part = part
        self.progress = progress
        state = Mutex(State(next: start.sequence + 1))
    }

    /// The first bad record, if there is one.
    func firstFault() throws -> ChainError? {
        let parts = Int((last - start.sequence + part - 1) / part)
        let width = min(parts, ProcessInfo.processInfo.activeProcessorCount, Self.widest)
        DispatchQueue.concurrentPerform(iterations: max(width, 1)) { _ in work() }
        return try state.withLock { state in
            if let failure = state.failure { throw failure }
            return state.fault
        }
    }

    private func work() {
        var reader = RecordReader()
        while let range = nextRange() {
            do {
                let fault = try pool.read { db -> ChainError? in
                    guard let previous = try hash(before: range.lowerBound, db) else {
                        return ChainError(sequence: range.lowerBound - 1, kind: .missing)
                    }
                    return try reader.firstFault(db, in: range, after: previous)
                }
                finish(range, fault)
            } catch {
                state.withLock { $0.failure = $0.failure ?? error }
            }
        }
    }

    /// nil when all is given out, or what is left comes after a bad record anyway.
    private func nextRange() -> ClosedRange<Int64>? {
        state.withLock { state in
            guard state.next <= last, state.fault == nil, state.failure == nil else { return nil }
            let range = state.next...min(last, state.next + part - 1)
            state.next = range.upperBound + 1
            return range
        }
    }

    private func finish(_ range: ClosedRange<Int64>, _ fault: ChainError?) {
        let checked = state.withLock { state in
            if let fault, fault.sequence < state.fault?.sequence ?? .max { state.fault = fault }
            state.checked += Int64(range.count)
            return state.checked
        }
        progress(checked)
    }

    private func hash(before sequence: Int64, _ db: Database) throws -> [UInt8]? {
        guard sequence > start.sequence + 1 else { return start.head }
        let statement = try db.cachedStatement(sql: "SELECT hash FROM records WHERE sequence = ?")
        return try Data.fetchOne(statement, arguments: [sequence - 1]).map { Array($0) }
    }
}
