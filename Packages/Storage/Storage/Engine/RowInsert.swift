/// One INSERT for many rows, since running a statement costs more than writing a row.
struct RowInsert: Sendable {
    /// The treatment of a row that exists.
    enum Conflict: Sendable {
        case error
        /// An existing row with the same primary key stays as it is; the columns `returning` of new rows are returned.
        case nothing(returning: String)
        /// An existing row with the same `key` gets the values of `update`, in whose text the table's own columns are
        /// qualified.
        case update(key: [String], @Sendable (Dialect) -> String)
    }

    /// The rows of SQLite's widest INSERT, and of the smaller ones that make up the rest, so that a few statements serve
    /// every count.
    private let sizes: [Int]
    private let width: Int
    private let sqlite: [String]
    private let postgresRow: String
    /// PostgreSQL parses each statement each time: an array for each column costs a third less than parameters for each
    /// row.
    private let postgresRows: String

    init(into table: String, _ columns: KeyValuePairs<String, ColumnType>, onConflict: Conflict = .error) {
        self.init(into: table, columns.map { ($0.key, $0.value) }, onConflict: onConflict)
    }

    /// `widest` is a power of two.
    init(
        into table: String,
        _ columns: [(name: String, type: ColumnType)],
        onConflict: Conflict = .error,
        widest: Int = 32
    ) {
        let head = "INSERT INTO \(table) (\(columns.map(\.name).joined(separator: ", ")))"
        let row = "(" + columns.map { _ in "?" }.joined(separator: ", ") + ")"
        func tail(_ dialect: Dialect) -> String {
            switch onConflict {
            case .error: ""
            case .nothing(let columns): " ON CONFLICT DO NOTHING RETURNING \(columns)"
            case .update(let key, let update):
                " ON CONFLICT (\(key.joined(separator: ", "))) DO UPDATE SET " + update(dialect)
            }
        }
        let sizes = Array(sequence(first: widest) { $0 > 1 ? $0 / 2 : nil })
        self.sizes = sizes
        width = columns.count
        sqlite = sizes.map { count in
            "\(head) VALUES \(Array(repeating: row, count: count).joined(separator: ", "))\(tail(.sqlite))"
        }
        postgresRow = "\(head) VALUES \(row)\(tail(.postgres))"
        let arrays = columns.map { "CAST(? AS \($0.type.rawValue)[])" }.joined(separator: ", ")
        postgresRows = "\(head) SELECT * FROM unnest(\(arrays))\(tail(.postgres))"
    }

    /// Writes rows whose values are concatenated, in the order of the columns; if they are queued, at the latest with the
    /// commit.
    func write(_ values: [SQLValue], to db: any Transaction, isQueued: Bool = true) throws {
        try forEachStatement(values, db.dialect) { sql, arguments, rows in
            if isQueued { try db.queue(sql, arguments, rows: rows) } else { try db.change(sql, arguments, rows: rows) }
        }
    }

    /// Writes rows, and passes the returned columns of those that weren't there to `take`.
    func write(_ values: [SQLValue], to db: any Transaction, _ take: (any RawRow) throws -> Void) throws {
        try forEachStatement(values, db.dialect) { sql, arguments, _ in try db.forEachRaw(sql, arguments, take) }
    }

    /// Passes the statements for rows to `body`, with their arguments and numbers of rows.
    private func forEachStatement(
        _ values: [SQLValue],
        _ dialect: Dialect,
        _ body: (_ sql: String, _ arguments: SQLArguments, _ rows: Int) throws -> Void
    ) throws {
        switch dialect {
        case .sqlite:
            var rest = values[...]
            for (rows, sql) in zip(sizes, sqlite) {
                let count = rows * width
                while rest.count >= count {
                    try body(sql, SQLArguments(values: Array(rest.prefix(count))), rows)
                    rest = rest.dropFirst(count)
                }
            }
        case .postgres:
            let rows = values.count / width
            guard rows > 1 else {
                if rows == 1 { try body(postgresRow, SQLArguments(values: values), 1) }
                return
            }
            let columns = (0..<width).map { column in
                ArrayLiteral.text(of: stride(from: column, to: values.count, by: width).lazy.map { values[$0] })
            }
            try body(postgresRows, SQLArguments(values: columns.map(SQLValue.text)), rows)
        }
    }
}

/// PostgreSQL's text of an array (https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO).
enum ArrayLiteral {
    static func text(of values: some Sequence<SQLValue>) -> String {
        var bytes: [UInt8] = []
        for value in values {
            bytes.append(bytes.isEmpty ? UInt8(ascii: "{") : UInt8(ascii: ","))
            switch value {
            case .null: bytes += "NULL".utf8
            case .integer(let number): bytes += String(number).utf8
            case .text(let text):
                bytes.append(UInt8(ascii: "\""))
                for byte in text.utf8 {
                    if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { bytes.append(UInt8(ascii: "\\")) }
                    bytes.append(byte)
                }
                bytes.append(UInt8(ascii: "\""))
            case .blob(let blob):
                bytes += #""\\x"#.utf8
                for byte in blob {
                    bytes.append(hexDigit(byte >> 4))
                    bytes.append(hexDigit(byte & 15))
                }
                bytes.append(UInt8(ascii: "\""))
            }
        }
        bytes += bytes.isEmpty ? "{}".utf8 : "}".utf8
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}

/// A column's type, as PostgreSQL names it.
package enum ColumnType: String, Sendable {
    case integer = "bigint"
    case text
    case blob = "bytea"
}
