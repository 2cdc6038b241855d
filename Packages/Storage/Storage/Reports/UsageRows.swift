import BursarFoundation
import BursarModel
import GRDB
import GRDBSQLite

/// The rows of the roll-ups by key: whole months from the monthly sums, the rest from days.
///
/// The caller adds them up instead of `GROUP BY`, for which SQLite would sort all rows in three times the time. Columns
/// are read from SQLite's statement by position, since GRDB's rows would allocate a `String` for each of millions.
struct UsageRows {
    /// A roll-up, by day and by month.
    enum Table {
        case outcomes
        case networks

        var daily: String { self == .outcomes ? "usage_daily" : "usage_networks" }
        var monthly: String { self == .outcomes ? "usage_monthly" : "usage_networks_monthly" }
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

    func forEach(_ db: Database, _ body: (Row) throws -> Void) throws {
        for stretch in try stretches(db) { try read(stretch, db, body) }
    }

    /// The range, cut to the months that have rows, so that `--since 0001-01-01` costs nothing.
    private func stretches(_ db: Database) throws -> [Stretch] {
        // One by one: for both at once, SQLite would read every row.
        guard let first = try Int64.fetchOne(db, sql: "SELECT min(day) FROM \(table.daily)"),
            let last = try Int64.fetchOne(db, sql: "SELECT max(day) FROM \(table.daily)")
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
    private func summedMonths(in days: ClosedRange<UTCDay>, _ db: Database) throws -> [UTCMonth] {
        let months = UTCMonth(containing: days.lowerBound).number...UTCMonth(containing: days.upperBound).number
        let statement = try db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM usage_monthly WHERE month = ?)")
        return try months.map(UTCMonth.init(number:)).filter { month in
            let whole = month.days
            guard days.lowerBound <= whole.lowerBound, whole.upperBound <= days.upperBound else { return false }
            return try Bool.fetchOne(statement, arguments: [month.number]) == true
        }
    }

    private func read(_ stretch: Stretch, _ db: Database, _ body: (Row) throws -> Void) throws {
        let (name, span) = stretch.isMonths ? (table.monthly, "month") : (table.daily, "day")
        let columns = "counted.\(span), counted.key_id, counted.\(table.column), counted.count, counted.last_at"
        var sql = "SELECT \(columns) FROM \(name) AS counted WHERE \(span) BETWEEN ? AND ?"
        var arguments: StatementArguments = [stretch.span.lowerBound, stretch.span.upperBound]
        switch keys {
        case .all:
            break
        case .only(let ids) where ids.count <= Self.fewKeys:
            sql = """
                WITH RECURSIVE spans (number) AS (SELECT ? UNION ALL SELECT number + 1 FROM spans WHERE number < ?),
                    wanted (id) AS MATERIALIZED (SELECT value FROM json_each(?))
                SELECT \(columns) FROM spans CROSS JOIN wanted CROSS JOIN \(name) AS counted
                    ON counted.\(span) = spans.number AND counted.key_id = wanted.id
                """
            arguments += [try Self.json(ids)]
        case .only(let ids):
            sql += " AND key_id IN (SELECT value FROM json_each(?))"
            arguments += [try Self.json(ids)]
        case .allBut(let ids):
            sql += " AND key_id NOT IN (SELECT value FROM json_each(?))"
            arguments += [try Self.json(ids)]
        }
        let statement = try db.cachedStatement(sql: sql)
        let rows = try GRDB.Row.fetchCursor(statement, arguments: arguments)
        let raw = statement.sqliteStatement
        while try rows.next() != nil {
            try body(
                Row(
                    span: sqlite3_column_int64(raw, 0),
                    isMonth: stretch.isMonths,
                    key: Self.text(raw, 1),
                    column: Self.text(raw, 2),
                    count: sqlite3_column_int64(raw, 3),
                    last: sqlite3_column_int64(raw, 4)
                )
            )
        }
    }

    private static func json(_ ids: [String]) throws -> String {
        String(decoding: try JSONEncoder().encode(ids), as: UTF8.self)
    }

    private static func text(_ statement: SQLiteStatement, _ column: CInt) -> UnsafeRawBufferPointer {
        // The pointer before the length, since getting the text may convert it.
        let start = sqlite3_column_text(statement, column)
        return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column)))
    }
}
