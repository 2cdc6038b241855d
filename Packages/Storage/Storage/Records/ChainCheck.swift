import BursarFoundation
import Dispatch
import Synchronization

extension AuditTrail {
    /// The chain's last record: its sequence number, and its hash as 64 hexadecimal digits.
    package func chainHead() throws -> (sequence: Int64, hash: String) {
        try database.checkIsInPlace()
        return try database.read { db in
            let chain = try Chain.current(db)
            return (chain.sequence, ChainAnchor(sequence: chain.sequence, hash: chain.head).hash)
        }
    }

    /// Recomputes the chain from its first remaining record; returns the first sequence number that doesn't fit.
    package func firstBrokenRecord() throws -> Int64? {
        guard let fault = try checkChain().fault else { return nil }
        guard fault.kind == .missing else { return fault.sequence }
        return try database.read { db in
            let later: Int64? = try db.value(
                "SELECT min(sequence) AS value FROM records WHERE sequence > ?",
                [fault.sequence]
            )
            return later
        }
    }

    /// Recomputes the chain from its first remaining record to the current last one.
    ///
    /// If records are pruned while it runs, it starts again after them.
    package func checkChain(
        progress: @escaping @Sendable (_ checked: Int64, _ of: Int64) -> Void = { _, _ in }
    ) throws -> CheckedChain {
        try checkChain(part: ChainCheck.usualPart, progress: progress)
    }

    /// Recomputes the chain in parts of `part` records.
    func checkChain(
        part: Int64,
        progress: @escaping @Sendable (_ checked: Int64, _ of: Int64) -> Void = { _, _ in }
    ) throws -> CheckedChain {
        var (start, end) = try database.read { db in (try Chain.pruned(db), try Chain.current(db)) }
        while true {
            let count = end.sequence - start.sequence
            let check = ChainCheck(database, after: start, through: end.sequence, part: part) { progress($0, count) }
            let fault = try check.firstFault()
            let (now, isPruned) = try database.read { db in
                let pruned = try Chain.pruned(db)
                return (pruned, try Self.isPruningRecorded(upTo: pruned.sequence, db))
            }
            if let fault, fault.sequence <= now.sequence, now.sequence > start.sequence {
                start = now
                end = try database.read { db in try Chain.current(db) }
                continue
            }
            let head = ChainAnchor(sequence: end.sequence, hash: end.head).hash
            let removal = isPruned ? nil : ChainError(sequence: now.sequence, kind: .removed)
            return CheckedChain(pruned: start.sequence, last: end.sequence, head: head, fault: fault ?? removal)
        }
    }

    /// Returns true if the chain records that records up to `sequence` were pruned.
    ///
    /// That record always remains, since it is written before its pruning begins, and is younger than all pruned ones.
    private static func isPruningRecorded(upTo sequence: Int64, _ db: any Transaction) throws -> Bool {
        guard sequence > 0 else { return true }
        // The first condition is the index's, word for word.
        let details: [String?] = try db.values(
            """
            SELECT detail AS value FROM records WHERE kind NOT IN ('vend', 'refusal') AND kind = ? AND sequence > ?
            ORDER BY sequence DESC
            """,
            [RecordEntry.Kind.recordsPruned.rawValue, sequence]
        )
        return details.contains { detail in
            detail?.split(separator: " ").last.flatMap { Int64($0) }.map { $0 >= sequence } ?? false
        }
    }
}

/// The first record at which the chain breaks, and the kind of the break.
package struct ChainError: Error, Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// The record is missing, though later ones exist.
        case missing
        /// Its content doesn't match its hash, or the record before it was replaced.
        case altered
        /// It has values in fields that its format doesn't hash.
        case unhashed
        /// It and all earlier records are gone, and no remaining record says that they were pruned.
        case removed
        /// Its format is unknown to this version, or it lacks a required field.
        case unreadable
    }

    /// The first bad record.
    package let sequence: Int64
    package let kind: Kind
}

/// The result of a check of the chain.
package struct CheckedChain: Sendable, Equatable {
    /// The last pruned record, or 0: the chain is checked from the next one on.
    package let pruned: Int64
    /// The last record.
    package let last: Int64
    /// The hash of the last record, as 64 hexadecimal digits.
    package let head: String
    package let fault: ChainError?

    /// The number of checked records.
    package var count: Int64 { last - pruned }
}

/// A parallel check of a range of the chain.
///
/// Checking a record needs only the stored hash of the one before, so parts are checked in any order. Each part has a
/// read transaction of its own, so that the write-ahead log can be checkpointed in between.
final class ChainCheck: Sendable {
    /// Records per part; only tests use another number.
    static let usualPart: Int64 = 32_768
    /// The number of connections that read at once.
    private static let widest = 5

    private struct State {
        var next: Int64
        var checked: Int64 = 0
        var fault: ChainError?
        var failure: (any Error)?
    }

    private let database: any Database
    private let start: Chain
    private let last: Int64
    private let part: Int64
    private let progress: @Sendable (_ checked: Int64) -> Void
    private let state: Mutex<State>

    /// Checks records after `start` up to `last`; `progress` receives the number of checked records, from any thread.
    init(
        _ database: any Database,
        after start: Chain,
        through last: Int64,
        part: Int64 = usualPart,
        progress: @escaping @Sendable (_ checked: Int64) -> Void
    ) {
        self.database = database
        self.start = start
        self.last = last
        self.part = part
        self.progress = progress
        state = Mutex(State(next: start.sequence + 1))
    }

    /// Runs the check; returns the first bad record, or nil.
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
                let fault = try database.read { db -> ChainError? in
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

    /// The next part to check; nil if there is none, or a bad record was found before it.
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

    private func hash(before sequence: Int64, _ db: any Transaction) throws -> [UInt8]? {
        guard sequence > start.sequence + 1 else { return start.head }
        return try db.value("SELECT hash AS value FROM records WHERE sequence = ?", [sequence - 1])
    }
}
