import BursarFoundation
import GRDB

/// The records that may be of a range of time, by their numbers.
///
/// Records stand nearly in the order of their times: refusals are written a while after they happened, and clocks are
/// set. So the range is widened by ``slack``, and each record's own time decides.
struct RecordSpan {
    private static let slack: TimeInterval = 3600

    let first: Int64
    let last: Int64

    init(_ db: Database, since: Date?, until: Date?) throws {
        first = try since.map { try SequenceSearch.first(from: $0 - Self.slack, db) } ?? Chain.pruned(db).sequence + 1
        last = try until.map { try SequenceSearch.first(from: $0 + Self.slack, db) - 1 } ?? Chain.current(db).sequence
    }

    var count: Int64 { max(0, last - first + 1) }
}
