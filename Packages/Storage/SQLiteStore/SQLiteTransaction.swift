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
        var row: ResultRow?
        try step(sql, arguments) { statement, current in
            let reached = row ?? Self.named(current, statement.columnNames)
            row = reached
            try body(reached)
        }
    }

    /// The row with the names of its columns.
    private static func named(_ row: SQLiteRow, _ names: [String]) -> ResultRow {
        ResultRow { column in
            guard let position = names.firstIndex(of: column) else {
                throw StoreError.unavailable(cause: "the query has no column \(column)")
            }
            return row.value(position)
        }
    }

    package func forEachRaw(_ sql: String, _ arguments: SQLArguments, _ body: (any RawRow) throws -> Void) throws {
        try step(sql, arguments) { _, row in try body(row) }
    }

    @discardableResult
    package func execute(_ sql: String, _ arguments: SQLArguments) throws -> Int {
        try step(sql, arguments) { _, _ in }
        return db.changesCount
    }

    /// Binds the arguments and passes each row to `body`.
    ///
    /// GRDB would make a value of its own of each argument, which costs a tenth of a vend.
    private func step(
        _ sql: String,
        _ arguments: SQLArguments,
        _ body: (Statement, SQLiteRow) throws -> Void
    ) throws {
        var statement = try db.cachedStatement(sql: sql)
        // A query within the rows of the same query.
        if sqlite3_stmt_busy(statement.sqliteStatement) != 0 { statement = try db.makeStatement(sql: sql) }
        let raw = statement.sqliteStatement
        defer {
            sqlite3_reset(raw)
            sqlite3_clear_bindings(raw)
        }
        guard sqlite3_bind_parameter_count(raw) == arguments.values.count else {
            throw StoreError.unavailable(cause: "\(arguments.values.count) arguments for: \(sql)")
        }
        for (index, value) in arguments.values.enumerated() { try check(value.bind(to: raw, at: CInt(index + 1)), sql) }
        while true {
            switch sqlite3_step(raw) {
            case SQLITE_ROW: try body(statement, SQLiteRow(statement: raw))
            case SQLITE_DONE: return
            case let code: try check(code, sql)
            }
        }
    }

    private func check(_ code: CInt, _ sql: String) throws {
        guard code != SQLITE_OK else { return }
        let message = db.sqliteConnection.flatMap { sqlite3_errmsg($0) }.map { String(cString: $0) }
        throw DatabaseError(resultCode: ResultCode(rawValue: code), message: message, sql: sql)
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
    /// Has SQLite copy the value to a parameter; returns its result code.
    fileprivate func bind(to statement: SQLiteStatement, at position: CInt) -> CInt {
        let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        switch self {
        case .null: return sqlite3_bind_null(statement, position)
        case .integer(let number): return sqlite3_bind_int64(statement, position, number)
        case .text(var text):
            return text.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) { characters in
                    // An empty text has no address, which would bind NULL.
                    guard let start = characters.baseAddress else {
                        return sqlite3_bind_text(statement, position, "", 0, copied)
                    }
                    return sqlite3_bind_text(statement, position, start, CInt(characters.count), copied)
                }
            }
        case .blob(let bytes):
            return bytes.withUnsafeBytes { bytes in
                guard let start = bytes.baseAddress else { return sqlite3_bind_zeroblob(statement, position, 0) }
                return sqlite3_bind_blob(statement, position, start, CInt(bytes.count), copied)
            }
        }
    }
}
