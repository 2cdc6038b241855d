import GRDB

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Finds a time in the chain by its sequence numbers, which are in the order of time but for what was written late:
/// a look at some twenty records instead of an index over all.
enum SequenceSearch {
    /// The first record that is left from `date` on; the number after the last one when there is none.
    static func first(from date: Date, _ db: Database) throws -> Int64 {
        let end = try Chain.current(db).sequence + 1
        var (low, high) = (try Chain.pruned(db).sequence + 1, end)
        let statement = try db.cachedStatement(sql: "SELECT occurred_at FROM records WHERE sequence = ?")
        while low < high {
            let middle = low + (high - low) / 2
            guard let time = try Int64.fetchOne(statement, arguments: [middle]) else {
                throw StoreProblem.unavailable(cause: "record \(middle) is missing")
            }
            if time < date.milliseconds { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
