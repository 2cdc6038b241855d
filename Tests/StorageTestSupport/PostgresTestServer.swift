import Storage
import SystemPackage
import TestSupport

@testable import PostgresStore

/// The databases of the contract's tests on the PostgreSQL server that tests share.
enum PostgresTestServer {
    /// A database with Bursar's schema, of which each test gets a copy.
    private static let template = Task {
        let cluster = try await PostgresCluster.shared()
        let name = try await cluster.makeDatabase()
        let address = try PostgresAddress(parsing: cluster.address(database: name))
        try PostgresDatabase.create(address, allowsUnsafe: true)
        return (cluster, name)
    }

    /// Makes a database, and returns its address for an operator.
    static func makeDatabase() async throws -> PostgresAddress {
        let (cluster, template) = try await template.value
        let name = try await cluster.makeDatabase(template: template)
        return try PostgresAddress(parsing: cluster.address(database: name, user: "bursar_admin"))
    }

    /// Runs statements as a superuser, whom triggers needn't stop.
    static func edit(_ sql: String, in database: PostgresDatabase) throws {
        let connection = try connection(to: database)
        let statements = ["SET session_replication_role = replica"] + sql.split(separator: ";").map(String.init)
        _ = try connection.run(statements.map { PostgresStatement($0) })
    }

    /// Returns the rows of a query as GRDB describes them: text in quotes, and a blank between columns.
    static func rows(_ sql: String, in database: PostgresDatabase) throws -> [String] {
        let text = """
            SELECT (
                SELECT string_agg(
                    CASE json_typeof(value) WHEN 'string' THEN '"' || (value #>> '{}') || '"' WHEN 'null' THEN 'NULL'
                        ELSE value::text END, ' ' ORDER BY position
                ) FROM json_each(row_to_json(found)) WITH ORDINALITY AS fields (key, value, position)
            ) AS value FROM (\(sql)) AS found
            """
        var rows: [String] = []
        try connection(to: database).forEach(PostgresStatement(text)) { row in
            if case .text(let text) = row.value(0) { rows.append(text) }
        }
        return rows
    }

    private static func connection(to database: PostgresDatabase) throws -> PostgresConnection {
        try PostgresConnection(
            to: database.address.for(PostgresCluster.superuser),
            limits: .console,
            allowsUnsafe: true
        )
    }
}

extension PostgresAddress {
    /// The same database, for another user of the cluster.
    func `for`(_ user: String) throws -> PostgresAddress {
        guard case .socket(let folder) = host else { return self }
        let path = folder.string.replacing("/", with: "%2F")
        return try PostgresAddress(parsing: "postgres://\(user)@:\(port)/\(database)?host=\(path)")
    }
}
