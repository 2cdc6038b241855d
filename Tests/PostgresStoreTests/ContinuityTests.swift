import TestSupport
import Testing
import Vending

@testable import PostgresStore
@testable import Storage

/// A database that loses records behind the server's back, as a standby that was promoted may have.
struct ContinuityTests {
    /// Edits rows without the triggers, as only a superuser can.
    private static func edit(_ database: TestDatabase, _ sql: String) async throws {
        try await database.sql("SET session_replication_role = replica; \(sql)")
    }

    private static func append(to store: Store) async -> StoreError? {
        await storeError {
            try store.database.write { db in
                var chain = try Chain.current(db)
                try chain.append(RecordEntry(kind: .refusal, occurred: 0), to: db)
            }
        }
    }

    private static func isDiscontinued(_ error: StoreError?) -> Bool {
        guard case .discontinued(_, let known, let found) = error else { return false }
        return known.hasPrefix("2 ") && found.hasPrefix("1 ") && known.count == 66
    }

    @Test func `once an acknowledged record is missing nothing is written, until the server starts again`() async throws
    {
        let world = try await PostgresWorld()
        let store = try await world.open()
        for _ in 0..<2 { #expect(await Self.append(to: store) == nil) }
        try await Self.edit(world.database, "DELETE FROM bursar.records WHERE sequence = 2")
        #expect(Self.isDiscontinued(await Self.append(to: store)))
        let rows = "SELECT count(*) FROM bursar.records"
        #expect(try await world.database.sql(rows) == "1")
        // Nor when the record is back.
        #expect(await Self.append(to: try await world.open()) == nil)
        #expect(Self.isDiscontinued(await Self.append(to: store)))
        #expect(throws: StoreError.self) { try store.database.checkIsInPlace() }
        #expect(try await world.database.sql(rows) == "2")
    }

    @Test func `another record of the same number counts as a loss`() async throws {
        let world = try await PostgresWorld()
        let store = try await world.open()
        for _ in 0..<2 { #expect(await Self.append(to: store) == nil) }
        try await Self.edit(world.database, "UPDATE bursar.records SET hash = decode(repeat('ff', 32), 'hex')")
        guard case .discontinued(_, _, let found) = await Self.append(to: store) else {
            Issue.record("another record was taken for the known one")
            return
        }
        #expect(found == "2 " + String(repeating: "f", count: 64))
    }

    @Test func `a new connection is checked before it is used`() async throws {
        let world = try await PostgresWorld()
        let store = try await world.open()
        for _ in 0..<2 { #expect(await Self.append(to: store) == nil) }
        try await Self.edit(
            world.database,
            """
            DELETE FROM bursar.records WHERE sequence = 2;
            SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid();
            """
        )
        let error = await storeError { _ = try store.database.read { db in try Chain.current(db).sequence } }
        #expect(Self.isDiscontinued(error))
    }

    @Test func `a record that was pruned counts as there`() async throws {
        let world = try await PostgresWorld()
        let store = try await world.open()
        for _ in 0..<2 { #expect(await Self.append(to: store) == nil) }
        try await world.database.sql(
            """
            UPDATE bursar.pruned SET sequence = 2, hash = (SELECT hash FROM bursar.records WHERE sequence = 2);
            DELETE FROM bursar.records
            """
        )
        #expect(await Self.append(to: store) == nil)
        #expect(try await world.database.sql("SELECT sequence FROM bursar.records") == "3")
        let opened = try await world.open()
        #expect(await Self.append(to: opened) == nil)
    }

    @Test func `a vend whose commit is unsure fails, and is not made again`() async throws {
        let cluster = try await PostgresCluster.start(settings: ["fsync": "off"])
        let world = try await PostgresWorld(on: cluster)
        let vend = try await world.vend()
        let recorder = world.recorder(try await world.open())
        try await recorder.record(vend)
        try await cluster.sql("ALTER SYSTEM SET synchronous_standby_names = 'away'; SELECT pg_reload_conf()")
        async let outcomes = withTaskGroup(of: Bool.self) { group in
            for _ in 0..<3 {
                group.addTask { (try? await recorder.record(vend)) != nil }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        try await blocking {
            let other = try world.database.connect()
            let waiting = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
            // The vends come in one or two commits, each of which waits and is cancelled once.
            for _ in 0..<2 {
                let loop = """
                    DECLARE process int; BEGIN FOR number IN 1..1000 LOOP
                        SELECT pid INTO process FROM pg_stat_activity WHERE wait_event = 'SyncRep';
                        EXIT WHEN process IS NOT NULL OR (SELECT count(*) FROM bursar.records WHERE kind = 'vend') = 4;
                        PERFORM pg_sleep(0.01);
                    END LOOP; END
                    """
                try other.execute(PostgresStatement("DO $$ \(loop) $$"))
                _ = try other.rows("SELECT pg_cancel_backend(pid) AS value FROM (\(waiting)) AS waiting")
            }
        }
        #expect(await outcomes == [false, false, false])
        let counts = "SELECT count(*), (SELECT count FROM bursar.usage_daily) FROM bursar.records WHERE kind = 'vend'"
        #expect(try await world.database.sql(counts) == "4|4")
    }
}
