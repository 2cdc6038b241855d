import BursarFoundation
import GRDB

extension Database {
    /// Runs an INSERT, UPDATE or DELETE that must change exactly `rows` rows.
    ///
    /// SQLite skips a row without an error if a trigger says so; a skipped write must not go unnoticed.
    ///
    /// - Throws: ``StoreError/unavailable(cause:)`` if it changes fewer or more; the transaction must be rolled back.
    func change(_ sql: String, _ arguments: StatementArguments = StatementArguments(), rows: Int = 1) throws {
        let statement = try cachedStatement(sql: sql)
        try statement.execute(arguments: arguments)
        guard changesCount == rows else {
            let words = sql.split(whereSeparator: \.isWhitespace).prefix(3).joined(separator: " ")
            throw StoreError.unavailable(cause: "\(words) changed \(changesCount) rows where \(rows) should change")
        }
    }

    /// Runs a change that running servers must follow; they see it by the revision, which has to rise.
    ///
    /// - Throws: ``StoreError/unavailable(cause:)`` if it doesn't.
    func changeDirectory(_ sql: String, _ arguments: StatementArguments, rows: Int = 1) throws {
        let before = try DirectoryState.current(self).revision
        try change(sql, arguments, rows: rows)
        guard try DirectoryState.current(self).revision > before else {
            throw StoreError.unavailable(cause: "the revision doesn't move, so no server would obey the change")
        }
    }
}

/// One INSERT for many rows, since running a statement costs more than writing a row.
struct RowInsert: Sendable {
    /// Statements for powers of two of rows, so that a few serve every count.
    private let statements: [(rows: Int, sql: String)]
    private let width: Int

    /// `onConflict` is the update of a row that exists; empty makes that an error.
    init(into table: String, _ columns: [String], onConflict: String = "") {
        let row = "(" + columns.map { _ in "?" }.joined(separator: ", ") + ")"
        let tail = onConflict.isEmpty ? "" : " ON CONFLICT DO UPDATE SET " + onConflict
        width = columns.count
        statements = [32, 16, 8, 4, 2, 1].map { count in
            let rows = Array(repeating: row, count: count).joined(separator: ", ")
            return (count, "INSERT INTO \(table) (\(columns.joined(separator: ", "))) VALUES \(rows)\(tail)")
        }
    }

    /// Writes rows whose values are concatenated, in the order of the columns.
    func write(_ values: [(any DatabaseValueConvertible)?], to db: Database) throws {
        var rest = values[...]
        for (rows, sql) in statements {
            let count = rows * width
            while rest.count >= count {
                try db.change(sql, StatementArguments(rest.prefix(count)), rows: rows)
                rest = rest.dropFirst(count)
            }
        }
    }
}

extension Date {
    /// UTC milliseconds since 1970, the form of all times in the database and in the chain.
    var milliseconds: Int64 {
        Int64((timeIntervalSince1970 * 1000).rounded(.down))
    }

    init(milliseconds: Int64) {
        self.init(timeIntervalSince1970: Double(milliseconds) / 1000)
    }
}

extension Row {
    /// The time in a column that is never NULL.
    func date(_ column: String) -> Date {
        Date(milliseconds: self[column])
    }

    /// The time in a column; nil for NULL.
    func optionalDate(_ column: String) -> Date? {
        (self[column] as Int64?).map(Date.init(milliseconds:))
    }
}
