import GRDB

/// One INSERT for many rows, since what a statement costs to run is more than what a row does.
struct RowInsert: Sendable {
    /// For so many rows at once; powers of two, so that a few statements serve every count.
    private let statements: [(rows: Int, sql: String)]
    private let width: Int

    /// `onConflict` is what happens to a row that is there, where that isn't an error.
    init(into table: String, _ columns: [String], onConflict: String = "") {
        let row = "(" + columns.map { _ in "?" }.joined(separator: ", ") + ")"
        let tail = onConflict.isEmpty ? "" : " ON CONFLICT DO UPDATE SET " + onConflict
        width = columns.count
        statements = [32, 16, 8, 4, 2, 1].map { count in
            let rows = Array(repeating: row, count: count).joined(separator: ", ")
            return (count, "INSERT INTO \(table) (\(columns.joined(separator: ", "))) VALUES \(rows)\(tail)")
        }
    }

    /// Writes rows whose values stand one after the other, in the order of the columns.
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
