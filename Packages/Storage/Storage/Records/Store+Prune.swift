package import BursarFoundation
import GRDB

/// The oldest records, which are to go.
package struct PrunePlan: Sendable, Equatable {
    /// The first that is left now.
    package let first: Int64
    /// The last that goes.
    package let last: Int64
    package let count: Int
    /// Of the operator's own doings, so many are among them.
    package let acts: Int
    package let oldest: Date
    package let newest: Date
}

extension Store {
    /// What pruning up to `date` takes; nil when nothing that is left is older.
    package func prunePlan(before date: Date) throws -> PrunePlan? {
        try read { db in
            let (first, end) = (try Chain.pruned(db).sequence + 1, try SequenceSearch.first(from: date, db))
            guard first < end else { return nil }
            let acts = try Int.fetchOne(
                db,
                sql: "SELECT count(*) FROM records WHERE kind NOT IN ('vend', 'refusal') AND sequence < ?",
                arguments: [end]
            )
            let times = try Int64.fetchAll(
                db,
                sql: "SELECT occurred_at FROM records WHERE sequence IN (?, ?) ORDER BY sequence",
                arguments: [first, end - 1]
            )
            return PrunePlan(
                first: first,
                last: end - 1,
                count: Int(end - first),
                acts: acts ?? 0,
                oldest: Date(milliseconds: times.first ?? 0),
                newest: Date(milliseconds: times.last ?? 0)
            )
        }
    }

    /// Records in the chain that pruning begins, before anything goes.
    package func recordPruning(_ plan: PrunePlan, before day: String, by act: AuditContext) throws {
        try write { db in
            try act.record(.recordsPruned, detail: "before \(day), up to record \(plan.last)", in: db)
        }
    }

    /// Removes at most `count` of the oldest records, none after `last` and none from `date` on, in one transaction.
    ///
    /// Roll-ups stay, and so does the proof: the number and hash of the last record that went.
    ///
    /// - Returns: how many went; 0 when there is nothing left that may.
    package func pruneStep(upTo last: Int64, before date: Date, count: Int) throws -> Int {
        try write { db in
            let first = try Chain.pruned(db).sequence + 1
            var end = min(last, first + Int64(count) - 1)
            guard first <= end else { return 0 }
            // A clock that was set back leaves later times among earlier ones; what is too young stays.
            let young = try Int64.fetchOne(
                db.cachedStatement(
                    sql: "SELECT min(sequence) FROM records WHERE sequence BETWEEN ? AND ? AND occurred_at >= ?"
                ),
                arguments: [first, end, date.milliseconds]
            )
            if let young { end = young - 1 }
            guard first <= end else { return 0 }
            try db.change(
                "UPDATE pruned SET sequence = ?1, hash = (SELECT hash FROM records WHERE sequence = ?1)",
                [end]
            )
            let count = Int(end - first + 1)
            try db.change("DELETE FROM records WHERE sequence <= ?", [end], rows: count)
            return count
        }
    }
}
