import BursarFoundation
import GRDB

/// Finds a time in the chain by its sequence numbers, which are in the order of time but for what was written late:
/// a look at some twenty records instead of an index over all.
enum SequenceSearch {
    /// The first record that is left from `date` on; the number after the last one when there is none.
    static func first(from date: Date, _ db: Database) throws -> Int64 {
        let end = try Chain.current(db).sequence + 1
        var (low, high) = (try Chain.pruned(db).sequence + 1, end)
        let statement = try db.cachedStatement(
            sql: "SELECT occurred_at FROM records WHERE sequence >= ? ORDER BY sequence LIMIT 1"
        )
        while low < high {
            let middle = low + (high - low) / 2
            let time = try Int64.fetchOne(statement, arguments: [middle]) ?? .max
            if time < date.milliseconds { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
