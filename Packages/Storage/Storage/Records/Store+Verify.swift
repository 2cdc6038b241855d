import BursarFoundation
import GRDB

extension Store {
    /// The chain's last record: its number, and its hash as 64 hexadecimal digits.
    package func chainHead() throws -> (sequence: Int64, hash: String) {
        try checkIsInPlace()
        return try read { db in
            let chain = try Chain.current(db)
            return (chain.sequence, ChainAnchor(sequence: chain.sequence, hash: chain.head).hash)
        }
    }

    /// Recomputes the chain from its first record that is left; returns the sequence number of the first that doesn't fit.
    package func firstBrokenRecord() throws -> Int64? {
        guard let fault = try checkChain().fault else { return nil }
        guard fault.kind == .missing else { return fault.sequence }
        return try read { db in
            let sql = "SELECT min(sequence) FROM records WHERE sequence > ?"
            return try Int64.fetchOne(db, sql: sql, arguments: [fault.sequence])
        }
    }

    /// Recomputes the chain from its first record that is left to the last there is now.
    ///
    /// Records that are pruned while it runs are no fault: it begins anew after them.
    package func checkChain(
        progress: @escaping @Sendable (_ checked: Int64, _ of: Int64) -> Void = { _, _ in }
    ) throws -> CheckedChain {
        try checkChain(part: ChainCheck.usualPart, progress: progress)
    }

    /// The same, in parts of so many records.
    func checkChain(
        part: Int64,
        progress: @escaping @Sendable (_ checked: Int64, _ of: Int64) -> Void = { _, _ in }
    ) throws -> CheckedChain {
        var (start, end) = try read { db in (try Chain.pruned(db), try Chain.current(db)) }
        while true {
            let count = end.sequence - start.sequence
            let check = ChainCheck(pool, after: start, through: end.sequence, part: part) { progress($0, count) }
            let fault: ChainError?
            do {
                fault = try check.firstFault()
            } catch let error as DatabaseError {
                throw StoreError(error, path: path)
            }
            let (now, isPruned) = try read { db in
                let pruned = try Chain.pruned(db)
                return (pruned, try Self.isPruningRecorded(upTo: pruned.sequence, db))
            }
            if let fault, fault.sequence <= now.sequence, now.sequence > start.sequence {
                start = now
                end = try read { db in try Chain.current(db) }
                continue
            }
            let head = ChainAnchor(sequence: end.sequence, hash: end.head).hash
            let removal = isPruned ? nil : ChainError(sequence: now.sequence, kind: .removed)
            return CheckedChain(pruned: start.sequence, last: end.sequence, head: head, fault: fault ?? removal)
        }
    }

    /// Whether an action on record says that records up to `sequence` were pruned: one is always left, since each pruning
    /// is on record before it begins, and takes nothing that is as young.
    private static func isPruningRecorded(upTo sequence: Int64, _ db: Database) throws -> Bool {
        guard sequence > 0 else { return true }
        // The first condition is the index's, word for word.
        let sql = """
            SELECT detail FROM records WHERE kind NOT IN ('vend', 'refusal') AND kind = ? AND sequence > ?
            ORDER BY sequence DESC
            """
        let details = try String?.fetchAll(
            db,
            sql: sql,
            arguments: [RecordEntry.Kind.recordsPruned.rawValue, sequence]
        )
        return details.contains { detail in
            detail?.split(separator: " ").last.flatMap { Int64($0) }.map { $0 >= sequence } ?? false
        }
    }
}
