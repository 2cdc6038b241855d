import Storage
import TestSupport
import Testing
import Vending

@testable import PostgresStore

/// A database that is migrated while servers and reports use it.
struct MigrationTests {
    private static let newest = PostgresSchema.versions.count

    /// A later program's schema, with a step that needs the table of records for itself.
    private static func later(oldestProgram: Int) -> [PostgresSchema.Version] {
        PostgresSchema.versions + [
            PostgresSchema.Version(
                name: "later",
                sql: ["ALTER TABLE records ADD COLUMN later text"],
                oldestProgram: oldestProgram
            )
        ]
    }

    private static func migrate(_ database: TestDatabase, to versions: [PostgresSchema.Version]) throws {
        try PostgresSchema.migrate(try database.connect(), from: versions.count - 1, through: versions)
    }

    @Test func `while a migration waits for a long report, vends don't wait behind it`() async throws {
        let world = try await PostgresWorld()
        let server = BusyServer(try await world.open(), try await world.vend(), named: "server")
        let report = try await blocking { try world.database.connect() }
        try await blocking { _ = try report.run([PostgresStatement("BEGIN"), PostgresStatement("TABLE records")]) }
        async let migration: Void = blocking {
            try Self.migrate(world.database, to: Self.later(oldestProgram: Self.newest))
        }
        let waiting = """
            SELECT count(*) FROM pg_locks
            WHERE relation = 'bursar.records'::regclass AND mode = 'AccessExclusiveLock' AND NOT granted
            """
        try await Waiting.until("the migration") { try await world.database.sql(waiting) == "1" }
        while server.acknowledged.count < 20 {
            await server.vendOnce()
            try #require(server.errors.isEmpty)
        }
        let versions = "SELECT max(version) FROM bursar.schema_versions"
        #expect(try await world.database.sql(versions) == "\(Self.newest)")
        try await blocking { _ = try report.run([PostgresStatement("COMMIT")]) }
        try await migration
        #expect(try await world.database.sql(versions) == "\(Self.newest + 1)")
    }

    @Test func `an old program vends on beside a new one's schema that allows it, and stops at one that doesn't`()
        async throws
    {
        let world = try await PostgresWorld()
        let store = try await world.open()
        let vend = try await world.vend()
        let server = BusyServer(store, vend, named: "old")
        try await blocking { try Self.migrate(world.database, to: Self.later(oldestProgram: Self.newest)) }
        await server.vendOnce()
        let restarted = BusyServer(try await world.open(), vend, named: "restarted")
        await restarted.vendOnce()
        #expect(server.acknowledged.count + restarted.acknowledged.count == 2)
        let connection = try await blocking { try world.database.connect() }
        let (poller, name) = (PostgresSchemaPoller(name: store.database.name), store.database.name)
        try await blocking { try poller.check(connection) }

        let next = PostgresSchema.Version(name: "apart", sql: [], oldestProgram: Self.newest + 1)
        try await blocking {
            try Self.migrate(world.database, to: Self.later(oldestProgram: Self.newest) + [next])
        }
        let error = await storeError { try PostgresSchemaPoller(name: name).check(connection) }
        #expect(error == .newer(path: name))
        await #expect(throws: StoreError.self) { _ = try await world.open() }
        // Not with every poll of the revision: the first check was just now.
        try await blocking { try poller.check(connection) }
    }
}
