import BursarFoundation
package import BursarModel
import GRDB
import GRDBSQLite
package import Storage

/// A transaction of GRDB's.
package final class SQLiteTransaction: Transaction {
    let db: GRDB.Database
    private let schema: SchemaPoller

    package var dialect: Dialect { .sqlite }

    init(_ db: GRDB.Database, _ schema: SchemaPoller) {
        self.db = db
        self.schema = schema
    }

    package func forEach(_ sql: String, _ arguments: SQLArguments, _ body: (ResultRow) throws -> Void) throws {
        let statement = try db.cachedStatement(sql: sql)
        let rows = try Row.fetchCursor(statement, arguments: StatementArguments(arguments.values.map(\.databaseValue)))
        let (names, current) = (statement.columnNames, SQLiteRow(statement: statement.sqliteStatement))
        let row = ResultRow { column in
            guard let position = names.firstIndex(of: column) else {
                throw StoreError.unavailable(cause: "the query has no column \(column)")
            }
            return current.value(position)
        }
        while try rows.next() != nil { try body(row) }
    }

    package func forEachRaw(_ sql: String, _ arguments: SQLArguments, _ body: (any RawRow) throws -> Void) throws {
        let statement = try db.cachedStatement(sql: sql)
        let rows = try Row.fetchCursor(statement, arguments: StatementArguments(arguments.values.map(\.databaseValue)))
        let row = SQLiteRow(statement: statement.sqliteStatement)
        while try rows.next() != nil { try body(row) }
    }

    @discardableResult
    package func execute(_ sql: String, _ arguments: SQLArguments) throws -> Int {
        try db.cachedStatement(sql: sql).execute(arguments: StatementArguments(arguments.values.map(\.databaseValue)))
        return db.changesCount
    }

    package func checkSchema() throws {
        try schema.checkText(db)
    }

    package func condition(
        _ column: String,
        liesIn block: CIDRBlock
    ) throws -> (sql: String, arguments: SQLArguments) {
        db.add(
            function: DatabaseFunction("bursar_within", argumentCount: 1, pure: true) { values in
                String.fromDatabaseValue(values[0]).flatMap { IPAddress($0) }.map { block.contains($0) } ?? false
            }
        )
        return ("bursar_within(\(column))", [])
    }
}

/// The row that a statement has reached, in SQLite's memory.
private struct SQLiteRow: RawRow {
    let statement: SQLiteStatement

    /// A value of another type is converted, so that it can't pass for an absent one.
    func integer(_ position: Int) -> Int64? {
        let column = CInt(position)
        guard sqlite3_column_type(statement, column) != SQLITE_NULL else { return nil }
        return sqlite3_column_int64(statement, column)
    }

    func bytes(_ position: Int) -> UnsafeRawBufferPointer? {
        let column = CInt(position)
        guard sqlite3_column_type(statement, column) != SQLITE_NULL else { return nil }
        // The pointer before the length, since getting the bytes may convert them; an empty blob has none.
        let start = sqlite3_column_blob(statement, column)
        return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column)))
    }

    /// Reads a value as the type that it is stored as; Bursar stores no fractions.
    func value(_ position: Int) -> SQLValue {
        let column = CInt(position)
        switch sqlite3_column_type(statement, column) {
        case SQLITE_NULL: return .null
        case SQLITE_INTEGER: return .integer(sqlite3_column_int64(statement, column))
        case SQLITE_BLOB: return .blob(bytes(position).map(Array.init) ?? [])
        default: return .text(bytes(position).map { String(decoding: $0, as: UTF8.self) } ?? "")
        }
    }
}

extension SQLValue {
    fileprivate var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .integer(let number): number.databaseValue
        case .text(let text): text.databaseValue
        case .blob(let bytes): Data(bytes).databaseValue
        }
    }
}
