import GRDB

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The records that may be of a range of time, by their numbers.
///
/// Records stand nearly in the order of their times: refusals are written a while after they happened, and clocks are
/// set. So the range is widened by ``slack``, and each record's own time decides.
struct RecordSpan {
    private static let slack: Int64 = 3_600_000

    let first: Int64
    let last: Int64

    init(_ db: Database, since: Date?, until: Date?) throws {
        // Asked for each by itself: for both at once SQLite reads everything.
        let ends = try Row.fetchOne(
            db,
            sql: "SELECT (SELECT min(sequence) FROM records), (SELECT max(sequence) FROM records)"
        )
        guard let ends, let lowest: Int64 = ends[0], let highest: Int64 = ends[1] else {
            (first, last) = (1, 0)
            return
        }
        let finder = Finder(db: db, lowest: lowest, highest: highest)
        first = try since.map { try finder.first(from: $0.milliseconds - Self.slack) } ?? lowest
        last = try until.map { try finder.first(from: $0.milliseconds + Self.slack) - 1 } ?? highest
    }

    var count: Int64 { max(0, last - first + 1) }

    /// Looks for a time by halves: some twenty rows are read of ten million.
    private struct Finder {
        let db: Database
        let lowest: Int64
        let highest: Int64

        /// The number of the first record that is no earlier, as far as they stand in order; one past the last if none.
        func first(from time: Int64) throws -> Int64 {
            let statement = try db.cachedStatement(
                sql: "SELECT occurred_at FROM records WHERE sequence >= ? ORDER BY sequence LIMIT 1"
            )
            var (low, high) = (lowest, highest + 1)
            while low < high {
                let middle = low + (high - low) / 2
                if try Int64.fetchOne(statement, arguments: [middle]) ?? .max < time {
                    low = middle + 1
                } else {
                    high = middle
                }
            }
            return low
        }
    }
}
