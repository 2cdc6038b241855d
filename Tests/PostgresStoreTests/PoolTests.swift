import Synchronization
import TestSupport
import Testing

@testable import PostgresStore

struct PoolTests {
    /// A pool's reports: the errors that it gave, and nil when the database was back.
    private final class Reports: Sendable {
        let all = Mutex<[PostgresError?]>([])

        func add(_ error: PostgresError?) {
            all.withLock { $0.append(error) }
        }
    }

    private final class Counter: Sendable {
        private let state = Mutex((now: 0, most: 0))

        var now: Int { state.withLock { $0.now } }
        var most: Int { state.withLock { $0.most } }

        @discardableResult
        func enter() -> Int {
            state.withLock { state in
                state = (state.now + 1, max(state.most, state.now + 1))
                return state.now
            }
        }

        func leave() {
            state.withLock { $0.now -= 1 }
        }
    }

    private static func pool(
        of database: TestDatabase,
        size: Int = 4,
        patience: Duration = .seconds(30)
    ) -> ConnectionPool {
        ConnectionPool(size: size, patience: patience) { () throws(PostgresError) in
            do {
                return try database.connect()
            } catch {
                throw error as? PostgresError ?? .busy
            }
        }
    }

    private static func process(of pool: ConnectionPool) throws -> Int {
        try pool.withConnection { $0.backendProcessID ?? 0 }
    }

    @Test func `a connection is used again`() async throws {
        let pool = Self.pool(of: try await TestDatabase())
        let processes = try await blocking { try [Self.process(of: pool), Self.process(of: pool)] }
        #expect(processes[0] == processes[1])
    }

    @Test func `a caller who finds no connection free waits for a bounded time`() async throws {
        let pool = Self.pool(of: try await TestDatabase(), size: 1, patience: .milliseconds(50))
        let error = await failure { try pool.withConnection { _ in try pool.withConnection { _ in } } }
        #expect(error == .busy)
        #expect(error?.remedy == PostgresError.Remedy.none)
        #expect(await failure { try pool.withConnection { _ in } } == nil)
    }

    @Test func `there are never more connections than the pool's size`() async throws {
        let database = try await TestDatabase()
        let pool = Self.pool(of: database, size: 2)
        let users = Counter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    try await blocking {
                        try pool.withConnection { connection in
                            users.enter()
                            _ = try connection.value("SELECT pg_sleep(0.02) AS value")
                            users.leave()
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(users.most <= 2)
        #expect(
            try await database.sql(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'bursar' AND datname = '\(database.name)'"
            ) <= "2"
        )
    }

    @Test func `a connection that the server has ended is not lent again`() async throws {
        let database = try await TestDatabase()
        let pool = Self.pool(of: database)
        let processes = try await blocking {
            let first = try Self.process(of: pool)
            let other = try database.connect()
            _ = try other.value("SELECT pg_terminate_backend(\(first), 10000) AS value")
            return (first, try Self.process(of: pool))
        }
        #expect(processes.0 != processes.1)
    }

    @Test(arguments: [PostgresError.readOnly, .lost(detail: "cut off"), .unsure(detail: "")])
    func `when one connection turns out to be cut off or a demoted primary's, all of them are closed`(
        _ error: PostgresError
    ) async throws {
        let database = try await TestDatabase()
        let pool = Self.pool(of: database)
        let (before, after) = try await blocking {
            var before: Set<Int> = []
            try pool.withConnection { one in
                try pool.withConnection { other in
                    before = [one.backendProcessID ?? 0, other.backendProcessID ?? 0]
                }
            }
            do {
                try pool.withConnection { _ in throw error }
            } catch let thrown as PostgresError where thrown == error {}
            return (before, try Self.process(of: pool))
        }
        #expect(before.count == 2)
        #expect(!before.contains(after))
    }

    @Test func `a connection to a promoted standby closes those to the former primary`() async throws {
        let database = try await TestDatabase()
        let promotions = Counter()
        let pool = ConnectionPool(patience: .seconds(30)) { () throws(PostgresError) in
            do {
                let connection = try database.connect()
                connection.timeline = Timeline(Int64(promotions.enter()))
                return connection
            } catch {
                throw error as? PostgresError ?? .busy
            }
        }
        let (promoted, later) = try await blocking {
            try pool.withConnection { _ in }
            let promoted = try pool.withConnection { _ in try Self.process(of: pool) }
            let later = try pool.withConnection { one in
                [one.backendProcessID ?? 0, try Self.process(of: pool)]
            }
            return (promoted, later)
        }
        #expect(later[0] == promoted)
        #expect(promotions.now == 3)
    }

    @Test func `a connection that is left in a transaction is not lent again`() async throws {
        let database = try await TestDatabase()
        let pool = Self.pool(of: database)
        let (first, second) = try await blocking {
            let first = try pool.withConnection { connection in
                try connection.run([PostgresStatement("BEGIN")])
                return connection.backendProcessID
            }
            return (first, try Self.process(of: pool))
        }
        #expect(first != second)
    }

    @Test func `while the database is away attempts are spaced out, and both changes are reported once`() async throws {
        let database = try await TestDatabase()
        let reports = Reports()
        let attempts = Counter()
        let away = PostgresError.unreachable(detail: "away")
        let connect: ConnectionPool.Connect = { () throws(PostgresError) in
            guard attempts.enter() > 2 else { throw away }
            do {
                return try database.connect()
            } catch {
                throw away
            }
        }
        let pool = ConnectionPool(
            patience: .seconds(30),
            // A pause of no length: every call is an attempt.
            spread: { 0 },
            report: { reports.add($0) },
            connect: connect
        )
        #expect(await failure { try pool.withConnection { _ in } } == away)
        #expect(await failure { try pool.withConnection { _ in } } == away)
        #expect(await failure { try pool.withConnection { _ in } } == nil)
        #expect(attempts.now == 3)
        #expect(reports.all.withLock { $0 } == [away, nil])

        // A pause of hours: the calls in between get the last error at once.
        let tries = Counter()
        let refused: ConnectionPool.Connect = { () throws(PostgresError) in
            tries.enter()
            throw away
        }
        let patient = ConnectionPool(patience: .seconds(30), spread: { 36_000 }, connect: refused)
        #expect(await failure { try patient.withConnection { _ in } } == away)
        #expect(await failure { try patient.withConnection { _ in } } == away)
        #expect(tries.now == 1)
    }
}
