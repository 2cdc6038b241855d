import BursarFoundation
import BursarModel

/// The projects of a key or a researcher, in the order of time.
///
/// Times are UTC milliseconds. The first project holds for the time before it too.
struct ProjectHistory {
    struct Change {
        let since: Int64
        let project: String
    }

    /// Never empty.
    private let changes: [Change]

    /// Reads the histories of one table by their subjects; with `isOfMoved`, those of more than one project alone.
    static func all(in table: String, of subject: String, isOfMoved: Bool, _ db: any Transaction) throws -> [String:
        Self]
    {
        var found: [String: [Change]] = [:]
        let moved =
            isOfMoved ? "WHERE \(subject) IN (SELECT \(subject) FROM \(table) GROUP BY 1 HAVING count(*) > 1)" : ""
        try db.forEach("SELECT \(subject) AS subject, since, project FROM \(table) \(moved) ORDER BY 1, 2") { row in
            found[try row["subject"], default: []].append(Change(since: try row["since"], project: try row["project"]))
        }
        return found.mapValues { Self(changes: $0) }
    }

    /// The project at a time.
    func project(at time: Int64) -> String {
        (changes.last { $0.since <= time } ?? changes[0]).project
    }

    /// The changes from one project to another in a range of time.
    func changes(in range: Range<Int64>) -> [Change] {
        changes.dropFirst().filter { range.contains($0.since) }
    }

    /// The projects in a range of time.
    func projects(in range: Range<Int64>) -> Set<String> {
        Set([project(at: range.lowerBound)] + changes(in: range).map(\.project))
    }

    /// The months with a change from one project to another.
    var monthsOfChanges: [Int64] {
        changes.dropFirst().map { UTCMonth(containing: UTCDay(containing: Date(milliseconds: $0.since))).number }
    }
}

extension ClosedRange<UTCDay> {
    /// In UTC milliseconds.
    var time: Range<Int64> {
        lowerBound.start.milliseconds..<UTCDay(number: upperBound.number + 1).start.milliseconds
    }
}

/// Cuts the rows of moved keys at the changes of their projects.
struct ProjectSplits {
    /// A key's count on the day of a change, up to it.
    private struct Split {
        let count: Int64
        let last: Int64
    }

    private struct Place: Hashable {
        let key: String
        let since: Int64
        /// The outcome or the network.
        let column: String
    }

    private var splits: [Place: Split] = [:]
    private let histories: [String: ProjectHistory]

    /// Reads the counts that were kept for the roll-up.
    init(of histories: [String: ProjectHistory], _ table: UsageRows.Table, _ db: any Transaction) throws {
        self.histories = histories
        let sql = "SELECT key_id, since, \(table.column) AS name, count, last_at FROM \(table.splits)"
        try db.forEach(sql) { row in
            let place = Place(key: try row["key_id"], since: try row["since"], column: try row["name"])
            splits[place] = Split(count: try row["count"], last: try row["last_at"])
        }
    }

    /// The months to be read by their days.
    var months: Set<Int64> { Set(histories.values.flatMap(\.monthsOfChanges)) }

    /// Passes the parts of a row, each with its project: that of a day, or of a month without a change.
    func forEachPart(of row: UsageRows.Row, _ body: (UsageRows.Row, _ project: String) throws -> Void) throws {
        let key = String(decoding: row.key, as: UTF8.self)
        guard let history = histories[key] else { return }
        let days = row.isMonth ? UTCMonth(number: row.span).days : UTCDay(number: row.span)...UTCDay(number: row.span)
        let time = days.time
        let changes = row.isMonth ? [] : history.changes(in: time)
        guard !changes.isEmpty else { return try body(row, history.project(at: time.lowerBound)) }
        let column = String(decoding: row.column, as: UTF8.self)
        var (project, counted) = (history.project(at: time.lowerBound - 1), Int64(0))
        for change in changes {
            guard let split = splits[Place(key: key, since: change.since, column: column)] else {
                project = change.project
                continue
            }
            if split.count > counted { try body(row.part(split.count - counted, last: split.last), project) }
            (project, counted) = (change.project, split.count)
        }
        if row.count > counted { try body(row.part(row.count - counted, last: row.last), project) }
    }
}

extension UsageRows.Row {
    fileprivate func part(_ count: Int64, last: Int64) -> Self {
        Self(span: span, isMonth: isMonth, key: key, column: column, count: count, last: last)
    }
}
