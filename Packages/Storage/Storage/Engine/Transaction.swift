package import BursarFoundation
package import BursarModel

/// One transaction of a database, whichever engine keeps it.
///
/// A text marks its arguments with `?`, in their order, and is one statement of SQL that both engines take as it is; what
/// they spell differently comes from ``dialect``. Errors are ``StoreError``s; after one, the transaction is rolled back.
package protocol Transaction: AnyObject {
    var dialect: Dialect { get }

    /// Runs a query, and passes each row to `body` while it is valid.
    func forEach(_ sql: String, _ arguments: SQLArguments, _ body: (ResultRow) throws -> Void) throws

    /// Runs a query, and passes the bytes of each row to `body` while they are valid, for readers of millions of rows.
    func forEachRaw(_ sql: String, _ arguments: SQLArguments, _ body: (any RawRow) throws -> Void) throws

    /// Runs an INSERT, UPDATE or DELETE, or any statement without rows.
    ///
    /// - Returns: the number of changed rows.
    @discardableResult
    func execute(_ sql: String, _ arguments: SQLArguments) throws -> Int

    /// Announces a query whose rows are asked for later, before the next write.
    ///
    /// PostgreSQL sends it together with the statements after it: each round trip costs more than a query. SQLite runs it
    /// when its rows are asked for.
    func announce(_ sql: String, _ arguments: SQLArguments) -> any AnnouncedRows

    /// Runs an INSERT or UPDATE as ``change(_:_:rows:)`` does, but at the latest with the next query or the commit, which
    /// then throws its error: ``StoreError/unsure(cause:)`` if a row was skipped in what is committed.
    func queue(_ sql: String, _ arguments: SQLArguments, rows: Int) throws

    /// The date by the clock that all programs of this database share, read once no other writer can commit; nil if each
    /// machine's own counts.
    var sharedDate: Date? { get throws }

    /// Checks the schema's text, for changes that no statement of this program made.
    ///
    /// - Throws: ``StoreError/altered(path:change:)``.
    func checkSchema() throws

    /// Returns the condition that the address in `column` lies in `block`, which is a network of several addresses.
    func condition(_ column: String, liesIn block: CIDRBlock) throws -> (sql: String, arguments: SQLArguments)
}

/// The row that a query has reached.
package struct ResultRow {
    private let value: (_ column: String) throws -> SQLValue

    /// `value` returns the value in a column of that name, and throws if there is none.
    package init(_ value: @escaping (_ column: String) throws -> SQLValue) {
        self.value = value
    }

    /// - Throws: ``StoreError/unavailable(cause:)`` if the value can't be read as the expected type.
    package subscript<Value: SQLConvertible>(column: String) -> Value {
        get throws {
            guard let value = Value.from(try value(column)) else {
                throw StoreError.unavailable(cause: "column \(column) holds no \(Value.self)")
            }
            return value
        }
    }
}

/// The row that a query has reached, by the positions of its columns, from 0.
package protocol RawRow {
    /// Returns nil for NULL.
    func integer(_ position: Int) -> Int64?

    /// Returns the bytes of a text or a blob; nil for NULL.
    ///
    /// They are valid until the next row.
    func bytes(_ position: Int) -> UnsafeRawBufferPointer?
}

/// A value that is read from a row with named columns.
package protocol RowDecodable {
    init(_ row: ResultRow) throws
}

extension Transaction {
    package func forEach(_ sql: String, _ body: (ResultRow) throws -> Void) throws {
        try forEach(sql, [], body)
    }

    /// Returns all rows.
    package func all<Value: RowDecodable>(_ sql: String, _ arguments: SQLArguments = []) throws -> [Value] {
        try map(sql, arguments) { row in try Value(row) }
    }

    /// Returns the first row; nil if there is none.
    package func first<Value: RowDecodable>(_ sql: String, _ arguments: SQLArguments = []) throws -> Value? {
        try map(sql, arguments) { row in try Value(row) }.first
    }

    package func map<Value>(
        _ sql: String,
        _ arguments: SQLArguments = [],
        _ read: (ResultRow) throws -> Value
    ) throws -> [Value] {
        var values: [Value] = []
        try forEach(sql, arguments) { row in values.append(try read(row)) }
        return values
    }

    /// Returns the column `value` of all rows.
    package func values<Value: SQLConvertible>(_ sql: String, _ arguments: SQLArguments = []) throws -> [Value] {
        try map(sql, arguments) { row in try row["value"] }
    }

    /// Returns the column `value` of the first row; nil for NULL, or if there is no row.
    package func value<Value: SQLConvertible>(_ sql: String, _ arguments: SQLArguments = []) throws -> Value? {
        let found: [Value?] = try values(sql, arguments)
        return found.first ?? nil
    }

    /// Returns true if the query has a row.
    package func exists(_ sql: String, _ arguments: SQLArguments = []) throws -> Bool {
        var isFound = false
        try forEach(sql, arguments) { _ in isFound = true }
        return isFound
    }

    /// Runs an INSERT, UPDATE or DELETE that must change exactly `rows` rows.
    ///
    /// SQLite skips a row without an error if a trigger says so; a skipped write must not go unnoticed.
    ///
    /// - Throws: ``StoreError/unavailable(cause:)`` if it changes fewer or more; the transaction must be rolled back.
    package func change(_ sql: String, _ arguments: SQLArguments = [], rows: Int = 1) throws {
        let changed = try execute(sql, arguments)
        guard changed == rows else {
            throw StoreError.unavailable(cause: StoreError.changed(changed, rows: rows, by: sql))
        }
    }
}

extension StoreError {
    /// The words for a statement that changed other rows than it should.
    package static func changed(_ count: Int, rows: Int, by sql: String) -> String {
        let words = sql.split(whereSeparator: \.isWhitespace).prefix(3).joined(separator: " ")
        return "\(words) changed \(count) rows where \(rows) should change"
    }
}
