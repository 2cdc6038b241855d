import Dispatch
import Storage
import SystemPackage
import TestSupport

@testable import PostgresStore

/// An empty database on the server that tests share.
struct TestDatabase: Sendable {
    let cluster: PostgresCluster
    let name: String

    init() async throws {
        cluster = try await PostgresCluster.shared()
        name = try await cluster.makeDatabase()
    }

    /// A database on a server of a test's own.
    init(on cluster: PostgresCluster) async throws {
        self.cluster = cluster
        name = try await cluster.makeDatabase()
    }

    func address(user: String = PostgresCluster.superuser) throws -> PostgresAddress {
        try PostgresAddress(parsing: cluster.address(database: name, user: user))
    }

    func connect(
        user: String = PostgresCluster.superuser,
        limits: ConnectionLimits = .testing
    ) throws -> PostgresConnection {
        try PostgresConnection(to: try address(user: user), limits: limits, allowsUnsafe: true)
    }

    @discardableResult
    func sql(_ text: String) async throws -> String {
        try await cluster.sql(text, database: name)
    }

    /// A table `counter` with one number in it, and the row that writers lock.
    func makeCounter() async throws {
        try await sql(
            """
            CREATE SCHEMA bursar;
            CREATE TABLE bursar.writer (only_row int PRIMARY KEY);
            INSERT INTO bursar.writer VALUES (1);
            CREATE TABLE bursar.counter (value bigint NOT NULL);
            INSERT INTO bursar.counter VALUES (0);
            """
        )
    }

    var counter: Int64? {
        get async throws { Int64(try await sql("SELECT value FROM bursar.counter")) }
    }
}

extension ConnectionLimits {
    /// Longer than a busy machine delays an exchange.
    static var testing: ConnectionLimits {
        var limits = ConnectionLimits.console
        limits.exchange = .seconds(60)
        limits.connect = .seconds(30)
        return limits
    }
}

extension PostgresStatement {
    static let lock = PostgresStatement("SELECT 1 FROM writer FOR UPDATE")
}

extension PostgresConnection {
    /// All rows of a query, as dictionaries.
    func rows(_ sql: String, _ arguments: [SQLValue] = []) throws -> [[String: SQLValue]] {
        var rows: [[String: SQLValue]] = []
        try forEach(PostgresStatement(sql, arguments)) { row in
            rows.append(Dictionary(uniqueKeysWithValues: row.columns.map { ($0, row[$0] ?? .null) }))
        }
        return rows
    }

    /// Runs `change` in one transaction, with the lock held from its beginning.
    @discardableResult
    func write<Value>(lock: PostgresStatement, _ change: () throws -> Value) throws -> Value {
        try write(opening: [QueuedStatement(lock)]) {
            try runQueue()
            return try change()
        }
    }

    func execute(_ statement: PostgresStatement) throws {
        try run([statement])
    }

    func value(_ sql: String, _ arguments: [SQLValue] = []) throws -> SQLValue? {
        try rows(sql, arguments).first?["value"]
    }
}

/// Returns the error that `body` throws.
func failure(_ body: @escaping @Sendable () throws -> Void) async -> PostgresError? {
    do {
        try await blocking(body)
        return nil
    } catch {
        return error as? PostgresError
    }
}

enum Peer {
    static let folder = FilePath(#filePath).removingLastComponent().appending("Peers")
    static var python: String { Checkout.peer("python") }
}
