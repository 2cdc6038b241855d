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

    var dialect: Dialect { .postgres }

    init(_ connection: PostgresConnection, _ schema: PostgresSchemaPoller) {
        self.connection = connection
        self.schema = schema
    }

    func forEach(_ sql: String, _ arguments: SQLArguments, _ body: (ResultRow) throws -> Void) throws {
        _ = try naming(sql) {
            try connection.forEach(PostgresStatement(sql, arguments)) { row in
                hasHandedOut = true
                try body(
                    ResultRow { column in
                        guard let value = row[column] else {
                            throw StoreError.unavailable(cause: "the query has no column \(column)")
                        }
                        return value
                    }
                )
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

extension PostgresStatement {
    init(_ sql: String, _ arguments: SQLArguments) {
        self.init(sql, arguments.values)
    }
}
