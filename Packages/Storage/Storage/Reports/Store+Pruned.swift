package import BursarFoundation
import GRDB

/// Records that are gone.
package struct PrunedRecords: Sendable, Equatable {
    /// The number of the last one.
    package let last: Int64
    /// When the first that is left is of.
    package let left: Date
}

extension Store {
    /// What was pruned of the time from `since` on, of all time when nil; nil when nothing was.
    package func pruned(since: Date?) throws -> PrunedRecords? {
        try read { db in
            let last = try Chain.pruned(db).sequence
            let sql = "SELECT occurred_at FROM records ORDER BY sequence LIMIT 1"
            guard last > 0, let time = try Int64.fetchOne(db, sql: sql) else { return nil }
            let left = Date(milliseconds: time)
            if let since, since >= left { return nil }
            return PrunedRecords(last: last, left: left)
        }
    }
}
