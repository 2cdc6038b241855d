import BursarFoundation
import BursarModel
import Subprocess
import SystemPackage
import TestSupport
import Testing
import Vending

@testable import PostgresStore
@testable import Storage

/// The statements that go to the server, seen by a proxy between: each line is a round trip.
struct RoundTripTests {
    private static let readWrite = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"

    /// Runs `body` with an address that leads through the proxy, and returns the round trips.
    private static func roundTrips(
        of world: PostgresWorld,
        endingWith last: String? = nil,
        _ body: (Store) async throws -> Void
    ) async throws -> [String] {
        let script = Peer.folder.appending("counting_proxy.py").string
        let arguments = [script, String(world.database.cluster.port)] + [last].compactMap(\.self)
        return try await ChildServer.run(.path(FilePath(Peer.python)), arguments) { proxy in
            let text = "postgres://\(PostgresRoles.server)@127.0.0.1:\(proxy.port)/\(world.database.name)"
            let store = try await blocking {
                let address = try PostgresAddress(parsing: text)
                return Store(try PostgresDatabase(opening: address, for: .console, connections: 1, allowsUnsafe: true))
            }
            try await body(store)
            proxy.stop()
            var lines: [String] = []
            for await line in proxy.lines { lines.append(line) }
            return lines
        }
    }

    /// The round trips from the last transaction's beginning on.
    private static func lastTransaction(_ roundTrips: [String]) -> [String] {
        roundTrips.lastIndex { $0.hasPrefix("BEGIN") }.map { Array(roundTrips[$0...]) } ?? []
    }

    @Test(arguments: [1, 7, 200])
    func `a commit of vends takes two round trips`(count: Int) async throws {
        let world = try await PostgresWorld()
        let vend = try await world.vend()
        let roundTrips = try await Self.roundTrips(of: world) { store in
            let vends = Array(repeating: vend, count: count)
            try await blocking {
                let (outcomes, _) = try store.database.write { db in
                    try VendBatch(vends, at: PostgresWorld.now).write(to: db)
                }
                for outcome in outcomes { _ = try outcome.get() }
            }
        }
        let last = Self.lastTransaction(roundTrips)
        #expect(last.count == 2)
        #expect(last.first?.hasPrefix(Self.readWrite + " | SELECT") == true)
        #expect(last.first?.contains("FOR UPDATE") == true)
        #expect(last.last?.hasPrefix("INSERT INTO records") == true)
        #expect(last.last?.hasSuffix(" | COMMIT") == true)
        #expect(try await world.database.sql("SELECT count(*) FROM bursar.records WHERE kind = 'vend'") == "\(count)")
    }

    @Test func `a vend whose key changed meanwhile, and one over its quota, take no third`() async throws {
        let world = try await PostgresWorld()
        let (vend, none) = (try await world.vend(), try await world.vend(dailyLimit: 0, handle: "Bob"))
        let roundTrips = try await Self.roundTrips(of: world) { store in
            try await blocking {
                let (outcomes, _) = try store.database.write { db in
                    try VendBatch([vend, none], at: PostgresWorld.now).write(to: db)
                }
                #expect(outcomes.map { (try? $0.get())?.count } == [1, nil])
            }
        }
        #expect(Self.lastTransaction(roundTrips).count == 2)
    }

    @Test func `a read of one query takes two round trips`() async throws {
        let world = try await PostgresWorld()
        let roundTrips = try await Self.roundTrips(of: world) { store in
            _ = try await store.database.read { db in try DirectoryState.current(db).revision }
        }
        #expect(
            Self.lastTransaction(roundTrips) == [
                "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY | SELECT value, paused_at FROM revision", "COMMIT",
            ]
        )
    }

    @Test func `a commit whose answer is lost is unsure, and isn't made again`() async throws {
        let world = try await PostgresWorld()
        let vend = try await world.vend()
        let roundTrips = try await Self.roundTrips(of: world, endingWith: "COMMIT") { store in
            await #expect(throws: AuditLogError.self) { try await world.recorder(store).record(vend) }
        }
        #expect(roundTrips.filter { $0.contains("INSERT INTO records") }.count == 1)
        let count = "SELECT count(*) FROM bursar.records WHERE kind = 'vend'"
        try await Waiting.until("the record") { try await world.database.sql(count) == "1" }
    }
}

/// Writes that are sent with COMMIT.
struct QueuedWriteTests {
    @Test func `nothing is handed out for a commit in which the database skipped a row without an error`() async throws
    {
        let world = try await PostgresWorld()
        let vend = try await world.vend()
        let store = try await world.open()
        try await world.database.sql(
            """
            CREATE FUNCTION bursar.skip() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
            CREATE TRIGGER skip BEFORE INSERT ON bursar.usage_daily FOR EACH ROW EXECUTE FUNCTION bursar.skip();
            """
        )
        for readsOn in [true, false] {
            let error = await storeError {
                try store.database.write { db in
                    _ = try VendBatch([vend], at: PostgresWorld.now).write(to: db)
                    if readsOn { _ = try Chain.current(db) }
                }
            }
            let problem = "INSERT INTO usage_daily changed 0 rows where 1 should change"
            #expect(error == (readsOn ? .unavailable(cause: problem) : .unsure(cause: problem)))
        }
        await #expect(throws: AuditLogError.self) { try await world.recorder(store).record(vend) }
    }

    @Test func `the error of a queued write comes with the next query, or at the commit, and nothing is changed`()
        async throws
    {
        let world = try await PostgresWorld()
        let store = try await world.open()
        for readsOn in [true, false] {
            let error = await storeError {
                try store.database.write { db in
                    var chain = try Chain.current(db)
                    try chain.append(RecordEntry(kind: .vend, occurred: 0), to: db)
                    try db.queue("INSERT INTO records (sequence) VALUES (7)", [], rows: 1)
                    if readsOn { _ = try Chain.current(db) }
                }
            }
            guard case .unavailable(let cause) = error else {
                Issue.record("another error: \(String(describing: error))")
                return
            }
            #expect(cause.contains("23502"))
        }
        #expect(try await world.database.sql("SELECT count(*) FROM bursar.records") == "0")
    }
}

/// Servers whose clock is off: the database's dates what they write.
struct SharedClockTests {
    private static func open(_ world: PostgresWorld, clockOff offset: TimeInterval) async throws -> Store {
        try await blocking {
            Store(
                try PostgresDatabase(
                    opening: try world.database.address(user: PostgresRoles.server),
                    for: .console,
                    allowsUnsafe: true,
                    now: { Date(timeIntervalSinceNow: offset) }
                )
            )
        }
    }

    /// The server's date, in UTC milliseconds.
    private static func date(_ world: PostgresWorld) async throws -> Int64 {
        let text = try await world.database.sql("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint")
        return try #require(Int64(text))
    }

    @Test(arguments: [-86_400, -3600, 3600, 86_400])
    func `vends have the database's date and count on its day, however wrong a server's clock is`(
        offset: TimeInterval
    ) async throws {
        let world = try await PostgresWorld()
        let before = try await Self.date(world)
        // A day that ends meanwhile would be another quota.
        let vend = try await world.vend(dailyLimit: 2, expires: Date(milliseconds: before + 1_800_000))
        let store = try await Self.open(world, clockOff: offset)
        let recorder = Recorder(database: store.database, now: { Date(timeIntervalSinceNow: offset) })
        let right = Recorder(
            database: try await Self.open(world, clockOff: 0).database,
            now: { Date() }
        )
        let uses = [try await recorder.record(vend), try await right.record(vend)]
        let after = try await Self.date(world)
        let dates = try await world.database.sql("SELECT occurred_at FROM bursar.records WHERE kind = 'vend'")
        for date in dates.split(separator: "\n").map({ Int64($0) ?? 0 }) {
            #expect((before...after).contains(date))
        }
        let days = try await world.database.sql(
            "SELECT DISTINCT occurred_at / 86400000 FROM bursar.records WHERE kind = 'vend'"
        )
        #expect(try await world.database.sql("SELECT day FROM bursar.usage_daily") == days)
        #expect(uses.map(\.count) == [1, 2])
        #expect(uses.map { String($0.day.number) }.last == days.split(separator: "\n").last.map(String.init))
        #expect(abs(store.database.clockOffset + offset) < 1800)
    }

    @Test func `a key ends by the database's clock`() async throws {
        let world = try await PostgresWorld()
        let now = try await Self.date(world)
        let ended = try await world.vend(expires: Date(milliseconds: now - 1_800_000))
        let store = try await Self.open(world, clockOff: -3600)
        let recorder = Recorder(database: store.database, now: { Date(timeIntervalSinceNow: -3600) })
        do throws(AuditLogError) {
            _ = try await recorder.record(ended)
            Issue.record("a key that has ended was served")
        } catch {
            guard case .keyChanged = error else {
                Issue.record("another error: \(error)")
                return
            }
        }
    }

    @Test func `the clock is read once the lock is held`() async throws {
        let world = try await PostgresWorld()
        let vend = try await world.vend(expires: Date(timeIntervalSinceNow: 86_400))
        let store = try await Self.open(world, clockOff: 0)
        let recorder = Recorder(database: store.database, now: { Date() })
        let holder = try await blocking { try world.database.connect() }
        try await blocking { _ = try holder.run([PostgresStatement("BEGIN"), .lock]) }
        async let recorded = recorder.record(vend)
        let released = try await blocking {
            let other = try world.database.connect()
            let waiting = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            let condition = "EXISTS (\(waiting))"
            let loop = "WHILE NOT \(condition) LOOP PERFORM pg_sleep(0.01); END LOOP"
            try other.execute(PostgresStatement("DO $$ BEGIN \(loop); END $$"))
            let date = try holder.value("SELECT \(PostgresConnection.clock) AS value")
            try holder.execute(PostgresStatement("COMMIT"))
            return date
        }
        _ = try await recorded
        guard case .integer(let released) = released else { return }
        let date = try await world.database.sql("SELECT occurred_at FROM bursar.records WHERE kind = 'vend'")
        #expect(try #require(Int64(date)) >= released)
    }
}
