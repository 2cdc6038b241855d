import BursarFoundation
import BursarModel

/// The rows of the roll-ups by key: whole months from the monthly sums, the rest from days.
///
/// The caller adds them up instead of `GROUP BY`, for which SQLite would sort all rows in three times the time. Columns
/// are read as bytes, since a `String` for each of millions would be allocated.
struct UsageRows {
    /// A roll-up, by day and by month.
    enum Table {
        case outcomes
        case networks

        var daily: String { self == .outcomes ? "usage_daily" : "usage_networks" }
        var monthly: String { self == .outcomes ? "usage_monthly" : "usage_networks_monthly" }
        /// Counts up to the changes of keys' projects.
        var splits: String { self == .outcomes ? "usage_splits" : "usage_network_splits" }
        var column: String { self == .outcomes ? "outcome" : "network" }
    }

    /// The keys whose rows are read.
    enum Keys {
        case all
        case only([String])
        case allBut([String])
    }

    /// A range of one of the two tables.
    private struct Stretch {
        let isMonths: Bool
        let span: ClosedRange<Int64>
    }

    struct Row {
        /// A day's number, or a month's.
        let span: Int64
        let isMonth: Bool
        let key: UnsafeRawBufferPointer
        /// The outcome or the network.
        let column: UnsafeRawBufferPointer
        let count: Int64
        let last: Int64
    }

    /// The number of keys up to which each is looked up day by day; for more it is faster to read all rows.
    private static let fewKeys = 25

    let table: Table
    let days: ClosedRange<UTCDay>
    let keys: Keys
    /// True if monthly sums may be used.
    let takesMonths: Bool
    /// Months that are read by their days all the same.
    var split: Set<Int64> = []

    func forEach(_ db: any Transaction, _ body: (Row) throws -> Void) throws {
        for stretch in try stretches(db) { try read(stretch, db, body) }
    }

    /// The range, cut to the months that have rows, so that `--since 0001-01-01` costs nothing.
    private func stretches(_ db: any Transaction) throws -> [Stretch] {
        // One by one: for both at once, SQLite would read every row.
        guard let first: Int64 = try db.value("SELECT min(day) AS value FROM \(table.daily)"),
            let last: Int64 = try db.value("SELECT max(day) AS value FROM \(table.daily)")
        else { return [] }
        let months = (
            UTCMonth(containing: UTCDay(number: first)).days.lowerBound,
            UTCMonth(containing: UTCDay(number: last)).days.upperBound
        )
        let (begin, end) = (max(days.lowerBound, months.0), min(days.upperBound, months.1))
        guard begin <= end else { return [] }
        guard takesMonths else { return [Stretch(isMonths: false, span: begin.number...end.number)] }
        let summed = try summedMonths(in: begin...end, db)
        var stretches: [Stretch] = []
        var day = begin
        for month in summed {
            let whole = month.days
            if day < whole.lowerBound {
                stretches.append(Stretch(isMonths: false, span: day.number...(whole.lowerBound.number - 1)))
            }
            stretches.append(Stretch(isMonths: true, span: month.number...month.number))
            day = UTCDay(number: whole.upperBound.number + 1)
        }
        if day <= end { stretches.append(Stretch(isMonths: false, span: day.number...end.number)) }
        return stretches
    }

    /// Months that lie entirely in `days` and are summed up.
    private func summedMonths(in days: ClosedRange<UTCDay>, _ db: any Transaction) throws -> [UTCMonth] {
        let months = UTCMonth(containing: days.lowerBound).number...UTCMonth(containing: days.upperBound).number
        return try months.map(UTCMonth.init(number:)).filter { month in
            let whole = month.days
            guard !split.contains(month.number), days.lowerBound <= whole.lowerBound,
                whole.upperBound <= days.upperBound
            else { return false }
            return try db.exists("SELECT 1 AS value FROM usage_monthly WHERE month = ? LIMIT 1", [month.number])
        }
    }

    private func read(_ stretch: Stretch, _ db: any Transaction, _ body: (Row) throws -> Void) throws {
        let (name, span) = stretch.isMonths ? (table.monthly, "month") : (table.daily, "day")
        let columns = "counted.\(span), counted.key_id, counted.\(table.column), counted.count, counted.last_at"
        var sql = "SELECT \(columns) FROM \(name) AS counted WHERE \(span) BETWEEN ? AND ?"
        var arguments: SQLArguments = [stretch.span.lowerBound, stretch.span.upperBound]
        let elements = db.dialect.elementsOfJSONArgument
        switch keys {
        case .all:
            break
        case .only(let ids) where ids.count <= Self.fewKeys:
            sql = """
                WITH RECURSIVE spans (number) AS (
                        SELECT CAST(? AS bigint) UNION ALL SELECT number + 1 FROM spans WHERE number < ?
                    ),
                    wanted (id) AS MATERIALIZED (\(elements))
                SELECT \(columns) FROM spans CROSS JOIN wanted \(db.dialect.orderedJoin) \(name) AS counted
                    ON counted.\(span) = spans.number AND counted.key_id = wanted.id
                """
            arguments.append(try Self.json(ids))
        case .only(let ids):
            sql += " AND key_id IN (\(elements))"
            arguments.append(try Self.json(ids))
        case .allBut(let ids):
            sql += " AND key_id NOT IN (\(elements))"
            arguments.append(try Self.json(ids))
        }
        let empty = UnsafeRawBufferPointer(start: nil, count: 0)
        try db.forEachRaw(sql, arguments) { row in
            try body(
                Row(
                    span: row.integer(0) ?? 0,
                    isMonth: stretch.isMonths,
                    key: row.bytes(1) ?? empty,
                    column: row.bytes(2) ?? empty,
                    count: row.integer(3) ?? 0,
                    last: row.integer(4) ?? 0
                )
            )
        }
    }

    private static func json(_ ids: [String]) throws -> String {
        String(decoding: try JSONEncoder().encode(ids), as: UTF8.self)
    }
}
