import Storage
import TestSupport
import Testing

@testable import PostgresStore

struct CommitTests {
    private static let increment = PostgresStatement("UPDATE counter SET value = value + 1")

    @Test func `writers follow one another, each seeing what the one before it committed`() async throws {
        let database = try await TestDatabase()
        try await database.makeCounter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    try await blocking {
                        let connection = try database.connect()
                        for _ in 0..<25 {
                            try connection.write(lock: .lock) {
                                guard case .integer(let value) = try connection.value("SELECT value FROM counter")
                                else { return }
                                let statement = PostgresStatement("UPDATE counter SET value = ?", [.integer(value + 1)])
                                try connection.execute(statement)
                            }
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await database.counter == 100)
    }

    @Test func `what the change throws rolls it back`() async throws {
        struct Refusal: Error {}
        let database = try await TestDatabase()
        try await database.makeCounter()
        let connection = try await blocking { try database.connect() }
        await #expect(throws: Refusal.self) {
            try await blocking {
                try connection.write(lock: .lock) {
                    try connection.execute(Self.increment)
                    throw Refusal()
                }
            }
        }
        #expect(connection.isIdle)
        #expect(try await database.counter == 0)
    }

    @Test func `a transaction that the server rolls back at COMMIT was not committed, for sure`() async throws {
        let database = try await TestDatabase()
        try await database.makeCounter()
        try await database.sql(
            "ALTER TABLE bursar.counter ADD CONSTRAINT single UNIQUE (value) DEFERRABLE INITIALLY DEFERRED"
        )
        let error = await failure {
            let connection = try database.connect()
            try connection.write(lock: .lock) {
                try connection.execute(PostgresStatement("INSERT INTO counter VALUES (0)"))
            }
        }
        #expect(error?.remedy == PostgresError.Remedy.none)
        #expect(error.map { "\($0)".contains("23505") } == true)
    }

    @Test func `a reader sees one state of the database and can't write`() async throws {
        let database = try await TestDatabase()
        try await database.makeCounter()
        let connection = try await blocking { try database.connect() }
        let other = try await blocking { try database.connect() }
        let values = try await blocking {
            try connection.read {
                let before = try connection.value("SELECT value FROM counter")
                try other.write(lock: .lock) { try other.execute(Self.increment) }
                return [before, try connection.value("SELECT value FROM counter")]
            }
        }
        #expect(values == [.integer(0), .integer(0)])
        let error = await failure { try connection.read { try connection.execute(Self.increment) } }
        #expect(error == .readOnly)
        #expect(error?.remedy == .retryOnce)
    }

    @Test func `a lock that another writer holds for too long is an error`() async throws {
        var limits = ConnectionLimits.testing
        limits.lock = .milliseconds(200)
        let database = try await TestDatabase()
        try await database.makeCounter()
        let holder = try await blocking { try database.connect() }
        let error = await failure { [limits] in
            try holder.write(lock: .lock) {
                let waiting = try database.connect(limits: limits)
                try waiting.write(lock: .lock) {}
            }
        }
        #expect(error == .locked)
    }

    @Test func `a program that is frozen with the lock loses its transaction`() async throws {
        var limits = ConnectionLimits.testing
        limits.idleInTransaction = .milliseconds(200)
        let database = try await TestDatabase()
        try await database.makeCounter()
        let frozen = try await blocking { [limits] in try database.connect(limits: limits) }
        let error = await failure {
            try frozen.write(lock: .lock) {
                let next = try database.connect()
                try next.write(lock: .lock) { try next.execute(Self.increment) }
                try frozen.execute(Self.increment)
            }
        }
        #expect(error?.remedy == .retryOnce)
        #expect(try await database.counter == 1)
    }

    @Test func `a connection that ends before COMMIT has changed nothing, and says so`() async throws {
        let database = try await TestDatabase()
        try await database.makeCounter()
        let error = await failure {
            let connection = try database.connect()
            let other = try database.connect()
            try connection.write(lock: .lock) {
                try connection.execute(Self.increment)
                _ = try other.value(
                    "SELECT pg_terminate_backend(CAST(? AS int), 10000) AS value",
                    [.integer(Int64(connection.backendProcessID ?? 0))]
                )
                try connection.execute(Self.increment)
            }
        }
        #expect(error?.remedy == .retryOnce)
        #expect(try await database.counter == 0)
    }
}

/// A primary whose synchronous standby is away: its commits wait.
struct UnsureCommitTests {
    private static let increment = PostgresStatement("UPDATE counter SET value = value + 1")

    private static func waitingDatabase() async throws -> TestDatabase {
        let cluster = try await PostgresCluster.start(settings: ["fsync": "off"])
        let database = try await TestDatabase(on: cluster)
        try await database.makeCounter()
        try await cluster.sql("ALTER SYSTEM SET synchronous_standby_names = 'away'; SELECT pg_reload_conf()")
        return database
    }

    /// Returns once `condition` holds, which the server's own wait for it brings about.
    private static func wait(in connection: PostgresConnection, until condition: String) throws {
        let loop = "WHILE NOT (\(condition)) LOOP PERFORM pg_sleep(0.01); END LOOP"
        try connection.execute(PostgresStatement("DO $$ BEGIN \(loop); END $$"))
    }

    /// Commits, and has the server run `end` on the process once that waits for the standby.
    private static func commit(in database: TestDatabase, ended end: String) async throws -> PostgresError? {
        let connection = try await blocking { try database.connect() }
        let process = connection.backendProcessID ?? 0
        async let error = failure {
            try connection.write(lock: .lock) { try connection.execute(Self.increment) }
        }
        try await blocking {
            let other = try database.connect()
            let wait = "SELECT 1 FROM pg_stat_activity WHERE pid = \(process) AND wait_event = 'SyncRep'"
            try Self.wait(in: other, until: "EXISTS (\(wait))")
            _ = try other.value("SELECT \(end)(\(process)) AS value")
        }
        return await error
    }

    @Test func `a commit whose wait for the standby is cancelled is unsure, though the server reports success`()
        async throws
    {
        let database = try await Self.waitingDatabase()
        let error = try await Self.commit(in: database, ended: "pg_cancel_backend")
        #expect(error == .unsure(detail: "canceling wait for synchronous replication due to user request"))
        #expect(error?.remedy == .unsure)
        #expect(try await database.counter == 1)
    }

    @Test func `a commit whose connection ends meanwhile is unsure`() async throws {
        let database = try await Self.waitingDatabase()
        let error = try await Self.commit(in: database, ended: "pg_terminate_backend")
        #expect(error?.remedy == .unsure)
        #expect(try await database.counter == 1)
    }

    @Test func `a commit that takes longer than its limit is unsure, and isn't cancelled`() async throws {
        var limits = ConnectionLimits.testing
        limits.exchange = .milliseconds(500)
        let database = try await Self.waitingDatabase()
        let error = await failure { [limits] in
            let connection = try database.connect(limits: limits)
            try connection.write(lock: .lock) {
                try connection.execute(Self.increment)
            }
        }
        #expect(error == .unsure(detail: "the server took too long to answer"))
        #expect(try await database.sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'") == "1")
    }
}
