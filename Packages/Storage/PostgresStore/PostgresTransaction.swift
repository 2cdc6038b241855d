import BursarFoundation
import BursarModel
import Storage

/// A transaction of PostgreSQL's.
///
/// Errors are ``PostgresError``s, which ``PostgresDatabase`` maps once it has decided if the transaction is tried again.
final class PostgresTransaction: Transaction {
    private let connection: PostgresConnection
    private let schema: PostgresSchemaPoller
    /// True once a row has been handed out: what was done with it can't be taken back.
    private(set) var hasHandedOut = false
    private var date: Date?

    var dialect: Dialect { .postgres }

    init(_ connection: PostgresConnection, _ schema: PostgresSchemaPoller) {
        self.connection = connection
        self.schema = schema
    }

    func forEach(_ sql: String, _ arguments: SQLArguments, _ body: (ResultRow) throws -> Void) throws {
        _ = try naming(sql) {
            try connection.forEach(PostgresStatement(sql, arguments)) { row in
                hasHandedOut = true
                try body(ResultRow(row))
            }
        }
    }

    func forEachRaw(_ sql: String, _ arguments: SQLArguments, _ body: (any RawRow) throws -> Void) throws {
        _ = try naming(sql) {
            try connection.forEach(PostgresStatement(sql, arguments)) { row in
                hasHandedOut = true
                try body(row)
            }
        }
    }

    func execute(_ sql: String, _ arguments: SQLArguments) throws -> Int {
        try naming(sql) { try connection.run([PostgresStatement(sql, arguments)]).first?.changedRows ?? 0 }
    }

    /// Adds the statement's kind to a refusal for want of a right: the server names the object alone.
    private func naming<Value>(_ sql: String, _ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch PostgresError.notPermitted(let detail) {
            throw PostgresError.notPermitted(detail: "\(detail) (\(sql.prefix { !$0.isWhitespace }))")
        }
    }

    func announce(_ sql: String, _ arguments: SQLArguments) -> any AnnouncedRows {
        let announced = AnnouncedResult(connection) { self.hasHandedOut = true }
        connection.enqueue(QueuedStatement(PostgresStatement(sql, arguments)) { announced.result = $0 })
        return announced
    }

    func queue(_ sql: String, _ arguments: SQLArguments, rows: Int) {
        let statement = QueuedStatement(PostgresStatement(sql, arguments)) { result throws(PostgresError) in
            let changed = result.changedRows
            if changed != rows { throw .skipped(detail: StoreError.changed(changed, rows: rows, by: sql)) }
        }
        connection.enqueue(statement)
    }

    /// The server's clock; nil if that doesn't date what is written.
    var sharedDate: Date? {
        get throws {
            if date == nil { try connection.runQueue() }
            return date
        }
    }

    /// The row that every writer locks until its commit, and none updates: a new version of it would grow slower the
    /// longer a backup's snapshot is open.
    ///
    /// `clock`, if it dates what is written, is read once the row is locked.
    func lock(_ clock: SharedClock?) -> QueuedStatement {
        let sql = "SELECT \(PostgresConnection.clock) FROM (SELECT 1 FROM writer FOR UPDATE) AS locked"
        return QueuedStatement(PostgresStatement(sql)) { [self] result in
            guard let clock, let milliseconds = result.rows.first?.integer(0) else { return }
            let read = Date(milliseconds: milliseconds)
            date = read
            clock.note(read)
        }
    }

    func checkSchema() throws {
        try schema.check(connection)
    }

    /// A text that is no address lies in no network.
    func condition(_ column: String, liesIn block: CIDRBlock) throws -> (sql: String, arguments: SQLArguments) {
        (
            "CASE WHEN \(column) ~ '^[0-9a-f.:]+$' THEN CAST(\(column) AS inet) <<= CAST(CAST(? AS text) AS inet) END",
            [block.description]
        )
    }
}

extension PostgresRow: RawRow {}

extension ResultRow {
    fileprivate init(_ row: PostgresRow) {
        self.init { column in
            guard let value = row[column] else {
                throw StoreError.unavailable(cause: "the query has no column \(column)")
            }
            return value
        }
    }
}

/// The result of a query that goes with the next exchange.
private final class AnnouncedResult: AnnouncedRows {
    var result: PostgresResult?
    private let connection: PostgresConnection
    private let handOut: () -> Void

    init(_ connection: PostgresConnection, handOut: @escaping () -> Void) {
        self.connection = connection
        self.handOut = handOut
    }

    func each(_ body: (ResultRow) throws -> Void) throws {
        if result == nil { try connection.runQueue() }
        guard let result else { throw StoreError.unavailable(cause: "the query was not sent") }
        for row in result.rows {
            handOut()
            try body(ResultRow(row))
        }
    }
}

extension PostgresStatement {
    init(_ sql: String, _ arguments: SQLArguments) {
        self.init(sql, arguments.values)
    }
}
