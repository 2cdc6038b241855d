package import BursarFoundation

/// The oldest records, which are to be pruned.
package struct PrunePlan: Sendable, Equatable {
    /// The first record.
    package let first: Int64
    /// The last record to be pruned.
    package let last: Int64
    package let count: Int
    /// The number of operators' actions among them.
    package let acts: Int
    package let oldest: Date
    package let newest: Date
}

extension Upkeep {
    /// Plans pruning of records before `date`; returns nil if none is older.
    package func prunePlan(before date: Date) throws -> PrunePlan? {
        try database.read { db in
            let (first, end) = (try Chain.pruned(db).sequence + 1, try SequenceSearch.first(from: date, db))
            guard first < end else { return nil }
            let acts: Int? = try db.value(
                "SELECT count(*) AS value FROM records WHERE kind NOT IN ('vend', 'refusal') AND sequence < ?",
                [end]
            )
            let times: [Date] = try db.values(
                "SELECT occurred_at AS value FROM records WHERE sequence IN (?, ?) ORDER BY sequence",
                [first, end - 1]
            )
            return PrunePlan(
                first: first,
                last: end - 1,
                count: Int(end - first),
                acts: acts ?? 0,
                oldest: times.first ?? .distantPast,
                newest: times.last ?? .distantPast
            )
        }
    }

    /// Checks the records that `plan` removes: what they prove can't be checked once they are gone.
    ///
    /// - Returns: the first record that doesn't follow from the one before it; nil if all do.
    package func firstFault(
        in plan: PrunePlan,
        progress: @escaping @Sendable (_ checked: Int64, _ of: Int64) -> Void = { _, _ in }
    ) throws -> ChainError? {
        let start = try database.read(Chain.pruned)
        guard start.sequence < plan.last else { return nil }
        let count = plan.last - start.sequence
        return try ChainCheck(database, after: start, through: plan.last) { progress($0, count) }.firstFault()
    }

    /// Records the pruning in the chain, before any record is removed.
    package func recordPruning(_ plan: PrunePlan, before day: String, by act: AuditContext) throws {
        try database.write { db in
            try act.record(.recordsPruned, detail: "before \(day), up to record \(plan.last)", in: db)
        }
    }

    /// Removes at most `count` of the oldest records, none after `last` and none from `date` on, in one transaction.
    ///
    /// Roll-ups stay, and so does the proof: the sequence number and hash of the last removed record.
    ///
    /// - Returns: the number of removed records; 0 if there is none left to remove.
    package func pruneStep(upTo last: Int64, before date: Date, count: Int) throws -> Int {
        try database.write { db in
            let first = try Chain.pruned(db).sequence + 1
            var end = min(last, first + Int64(count) - 1)
            guard first <= end else { return 0 }
            // After a clock was set back, later times stand among earlier ones; records that are too young stay.
            let young: Int64? = try db.value(
                "SELECT min(sequence) AS value FROM records WHERE sequence BETWEEN ? AND ? AND occurred_at >= ?",
                [first, end, date]
            )
            if let young { end = young - 1 }
            guard first <= end else { return 0 }
            try db.change(
                "UPDATE pruned SET sequence = ?, hash = (SELECT hash FROM records WHERE sequence = ?)",
                [end, end]
            )
            let count = Int(end - first + 1)
            try db.change("DELETE FROM records WHERE sequence <= ?", [end], rows: count)
            return count
        }
    }
}

/// The records that were pruned.
package struct PrunedRecords: Sendable, Equatable {
    /// The sequence number of the last one.
    package let last: Int64
    /// The time of the first remaining record.
    package let left: Date
}

extension UsageReports {
    /// Returns the records pruned from the time since `since`, or of all time; nil if there are none.
    package func pruned(since: Date?) throws -> PrunedRecords? {
        try database.read { db in
            let last = try Chain.pruned(db).sequence
            let sql = "SELECT occurred_at AS value FROM records ORDER BY sequence LIMIT 1"
            guard last > 0, let left: Date = try db.value(sql) else { return nil }
            if let since, since >= left { return nil }
            return PrunedRecords(last: last, left: left)
        }
    }
}
