import BursarFoundation

/// The range of sequence numbers that may hold records of a range of time.
///
/// Records are almost in the order of their times: refusals are written a while after they happened, and clocks are set.
/// So the range is widened by ``slack``, and each record's own time decides.
struct RecordSpan {
    private static let slack: TimeInterval = 3600

    let first: Int64
    let last: Int64

    init(_ db: any Transaction, since: Date?, until: Date?) throws {
        first = try since.map { try SequenceSearch.first(from: $0 - Self.slack, db) } ?? Chain.pruned(db).sequence + 1
        last = try until.map { try SequenceSearch.first(from: $0 + Self.slack, db) - 1 } ?? Chain.current(db).sequence
    }

    var count: Int64 { max(0, last - first + 1) }
}

/// A binary search for a time in the chain, whose records are in the order of time except for late ones.
///
/// It reads about twenty records, and needs no index over all.
enum SequenceSearch {
    /// Returns the first remaining record from `date` on; the number after the last record if there is none.
    static func first(from date: Date, _ db: any Transaction) throws -> Int64 {
        let end = try Chain.current(db).sequence + 1
        var (low, high) = (try Chain.pruned(db).sequence + 1, end)
        let sql = "SELECT occurred_at AS value FROM records WHERE sequence >= ? ORDER BY sequence LIMIT 1"
        while low < high {
            let middle = low + (high - low) / 2
            let time: Int64 = try db.value(sql, [middle]) ?? .max
            if time < date.milliseconds { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
