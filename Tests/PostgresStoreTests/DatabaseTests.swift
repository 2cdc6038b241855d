import BursarFoundation
import BursarModel
import Synchronization
import TestSupport
import Testing
import Vending

@testable import PostgresStore
@testable import Storage

/// A store in a PostgreSQL database of its own.
struct PostgresWorld: Sendable {
    static let now = Date(timeIntervalSince1970: 1_767_323_045)
    static let act = AuditContext(actor: "root@desk", date: now)

    let database: TestDatabase

    init(on cluster: PostgresCluster? = nil) async throws {
        let database = if let cluster { try await TestDatabase(on: cluster) } else { try await TestDatabase() }
        try await blocking { try PostgresDatabase.create(try database.address(), allowsUnsafe: true) }
        self.database = database
    }

    /// Opens the store as the server does.
    func open(
        as user: String = PostgresRoles.server,
        for use: DatabaseUse = .console
    ) async throws -> Store {
        try await blocking { [database] in
            Store(try PostgresDatabase(opening: try database.address(user: user), for: use, allowsUnsafe: true))
        }
    }

    /// Adds a researcher with a key, as an operator, and returns a vend of it.
    func vend(
        dailyLimit: Int = 1000,
        handle: String = "Ada",
        expires: Date = now.addingTimeInterval(86_400)
    ) async throws -> Vend {
        let store = try await open(as: PostgresRoles.admin)
        var random = SystemRandomNumberGenerator()
        let key = ResearcherKey(using: &random)
        let parameters = Argon2Parameters(memoryKiB: 64, passes: 1, lanes: 1)
        let hash = try PasswordHash(of: key.text, parameters: parameters, using: &random)
        let ada = try #require(Handle(handle))
        let researcher = Researcher(handle: ada, name: "Ada", email: "ada@example.edu", project: "engines")
        let new = NewKey(id: key.id, hash: hash, researcher: ada, expires: expires)
        #expect(try await blocking { try store.administration.add(researcher, by: Self.act) })
        #expect(try await blocking { try store.administration.add(new, by: Self.act) } == handle)
        let (record, revision) = try #require(try await store.directory.key(key.id))
        return Vend(
            key: record,
            revision: revision,
            dailyLimit: dailyLimit,
            address: try #require(IPAddress("192.0.2.7")),
            accessKeyID: "ASIAEXAMPLE",
            expiration: Self.now.addingTimeInterval(3600),
            requestID: "request"
        )
    }

    func recorder(_ store: Store) -> Recorder {
        Recorder(database: store.database, now: { Self.now })
    }
}

/// Returns the ``StoreError`` that `body` throws.
func storeError(_ body: @escaping @Sendable () throws -> Void) async -> StoreError? {
    do {
        try await blocking(body)
        return nil
    } catch {
        return error as? StoreError
    }
}

struct DatabaseTests {
    private static let record = RecordEntry(kind: .refusal, occurred: 0)

    private static func append(to store: Store) async -> StoreError? {
        await storeError {
            try store.database.write { db in
                var chain = try Chain.current(db)
                try chain.append(record, to: db)
            }
        }
    }

    @Test func `vends are recorded, counted and listed, and every check finds the database sound`() async throws {
        let world = try await PostgresWorld()
        let vend = try await world.vend()
        let store = try await world.open()
        let recorder = world.recorder(store)
        for count in 1...3 { #expect(try await recorder.record(vend).count == count) }
        let admin = try await world.open(as: PostgresRoles.admin)
        try await blocking {
            for check in DatabaseCheck.allCases { #expect(try admin.upkeep.firstFlaw(check) == nil) }
            let facts = try admin.upkeep.facts(at: PostgresWorld.now)
            #expect(facts.records == 5)
            #expect(facts.vends == 3)
            #expect(facts.activeKeys == 1)
            #expect(facts.schema == "4")
            #expect(facts.size > 0)
            try store.upkeep.checkIsWritable()
            #expect(try store.upkeep.facts(at: PostgresWorld.now).records == 5)
        }
        #expect(try await store.directory.changes(since: 0).keys == [vend.key.id])
    }

    @Test func `servers share a quota, whose number is recorded exactly`() async throws {
        let world = try await PostgresWorld()
        let vend = try await world.vend(dailyLimit: 25)
        var recorders: [Recorder] = []
        for _ in 0..<3 { recorders.append(world.recorder(try await world.open())) }
        let recorded = await withTaskGroup(of: Bool.self) { [recorders] group in
            for number in 0..<60 {
                group.addTask {
                    do throws(AuditLogError) {
                        try await recorders[number % 3].record(vend)
                        return true
                    } catch {
                        if case .quotaExhausted(let use) = error {
                            #expect(use.count == 25)
                        } else {
                            Issue.record("\(error)")
                        }
                        return false
                    }
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(recorded == 25)
        #expect(try await world.database.sql("SELECT count(*) FROM bursar.records WHERE kind = 'vend'") == "25")
    }

    private static func refusal(of vend: Vend, by recorder: Recorder) async -> AuditLogError? {
        do throws(AuditLogError) {
            try await recorder.record(vend)
            return nil
        } catch {
            return error
        }
    }

    @Test func `no vend is committed after its key's revocation, nor while vending is paused`() async throws {
        let world = try await PostgresWorld()
        let vend = try await world.vend()
        let (recorder, admin) = (world.recorder(try await world.open()), try await world.open(as: PostgresRoles.admin))
        #expect(try await blocking { try admin.administration.pause(by: PostgresWorld.act) })
        guard case .paused = await Self.refusal(of: vend, by: recorder) else {
            Issue.record("a vend was committed while vending was paused")
            return
        }
        #expect(try await blocking { try admin.administration.resume(by: PostgresWorld.act) })
        try await world.database.sql("UPDATE bursar.keys SET revoked_at = 1767323046000")
        guard case .keyChanged = await Self.refusal(of: vend, by: recorder) else {
            Issue.record("a vend was committed after its key's revocation")
            return
        }
    }

    @Test func `the server's login can't add a researcher`() async throws {
        let store = try await PostgresWorld().open()
        let ada = Researcher(handle: try #require(Handle("ada")), name: "", email: "", project: "")
        let error = await storeError { _ = try store.administration.add(ada, by: PostgresWorld.act) }
        #expect(error == .denied(path: store.database.name, cause: "permission denied for table researchers (INSERT)"))
    }

    @Test func `a write whose connection ends is tried once more, and is made once`() async throws {
        let world = try await PostgresWorld()
        let store = try await world.open()
        let superuser = try await blocking { try world.database.connect() }
        let attempts = try await blocking {
            var attempts = 0
            try store.database.write { db in
                attempts += 1
                let process: Int64? = try db.value("SELECT pg_backend_pid() AS value")
                var chain = try Chain.current(db)
                try chain.append(Self.record, to: db)
                guard attempts == 1 else { return }
                _ = try superuser.value("SELECT pg_terminate_backend(\(process ?? 0), 10000) AS value")
                try chain.append(Self.record, to: db)
            }
            return attempts
        }
        #expect(attempts == 2)
        #expect(try await world.database.sql("SELECT count(*) FROM bursar.records") == "1")
    }

    @Test func `a read whose connection ends is tried once more, unless it has given rows already`() async throws {
        let world = try await PostgresWorld()
        let store = try await world.open()
        let superuser = try await blocking { try world.database.connect() }
        func attempts(ending statement: String) async throws -> (attempts: Int, error: StoreError?) {
            try await blocking {
                var (attempts, processes) = (0, "pid <> pg_backend_pid() AND datname = current_database()")
                processes =
                    "SELECT count(pg_terminate_backend(pid, 10000)) AS value FROM pg_stat_activity WHERE \(processes)"
                do {
                    try store.database.read { db in
                        attempts += 1
                        if !statement.isEmpty { _ = try db.values(statement) as [Int64] }
                        if attempts == 1 { _ = try superuser.value(processes) }
                        _ = try db.values("SELECT 2::bigint AS value") as [Int64]
                    }
                    return (attempts, nil)
                } catch {
                    return (attempts, error as? StoreError)
                }
            }
        }
        let before = try await attempts(ending: "")
        #expect(before.attempts == 2 && before.error == nil)
        let after = try await attempts(ending: "SELECT 1::bigint AS value")
        #expect(after.attempts == 1)
        guard case .unreachable = after.error else {
            Issue.record("another error: \(String(describing: after.error))")
            return
        }
    }

    @Test(arguments: [(-3600.0, "3600 s ahead"), (3600, "3600 s behind"), (2, nil)] as [(Double, String?)])
    func `a clock that differs from the server's is reported`(offset: Double, words: String?) async throws {
        let world = try await PostgresWorld()
        let lines = Mutex<[String]>([])
        let address = try world.database.address()
        _ = try PostgresDatabase(
            opening: address,
            allowsUnsafe: true,
            now: { Date(timeIntervalSinceNow: offset) },
            report: { line in lines.withLock { $0.append(line) } }
        )
        let expected = words.map { ["\(address): the server's clock is \($0) of this machine's"] } ?? []
        #expect(lines.withLock { $0 } == expected)
    }

    @Test func `addresses are sought by their network`() async throws {
        let store = try await PostgresWorld().open()
        let found = try await blocking {
            try store.database.read { db in
                let block = try #require(CIDRBlock("192.0.2.0/24"))
                let (condition, arguments) = try db.condition("address", liesIn: block)
                let rows =
                    "(VALUES ('192.0.2.9'), ('192.0.3.1'), ('2001:db8::1'), ('no address'), (NULL)) AS rows (address)"
                return try db.values("SELECT address AS value FROM \(rows) WHERE \(condition)", arguments) as [String]
            }
        }
        #expect(found == ["192.0.2.9"])
    }

    @Test func `a server's row says that it runs`() async throws {
        let world = try await PostgresWorld()
        let store = try await world.open()
        try await blocking {
            try store.database.beginServing()
            try store.database.maintain()
        }
        #expect(try await world.database.sql("SELECT version || revision FROM bursar.servers") == "0.1.01")
    }
}

struct OpenedDatabaseTests {
    private static func open(_ database: TestDatabase, for use: DatabaseUse = .console) async -> StoreError? {
        await storeError {
            _ = try PostgresDatabase(opening: try database.address(), for: use, allowsUnsafe: true)
        }
    }

    @Test func `an empty database, another program's and a newer one are refused, and a second set-up`() async throws {
        let database = try await TestDatabase()
        let name = try database.address().description
        #expect(await Self.open(database) == .missing(path: name))
        let empty = await storeError { _ = try PostgresDatabase.migrate(try database.address(), allowsUnsafe: true) }
        #expect(empty == .missing(path: name))
        try await database.sql("CREATE SCHEMA bursar")
        #expect(await Self.open(database) == .notOurs(path: name))
        let taken = await storeError { try PostgresDatabase.create(try database.address(), allowsUnsafe: true) }
        #expect(taken == .exists(path: name))

        let other = try await PostgresWorld().database
        let address = try other.address()
        #expect(try await blocking { try PostgresDatabase.migrate(address, allowsUnsafe: true) } == false)
        // A newer program's step that this one can live with, and one that it can't.
        let newest = PostgresSchema.versions.count
        try await other.sql("INSERT INTO bursar.schema_versions VALUES (\(newest + 1), '', \(newest), 0)")
        #expect(await Self.open(other) == nil)
        try await other.sql("INSERT INTO bursar.schema_versions VALUES (\(newest + 2), '', \(newest + 1), 0)")
        #expect(await Self.open(other) == .newer(path: address.description))
        let newer = await storeError { _ = try PostgresDatabase.migrate(address, allowsUnsafe: true) }
        #expect(newer == .newer(path: address.description))
    }

    @Test func `a database whose schema was altered is opened for an examination only`() async throws {
        let database = try await PostgresWorld().database
        try await database.sql("ALTER TABLE bursar.records DISABLE TRIGGER records_stay")
        let change = "trigger records_stay of records was altered"
        #expect(await Self.open(database) == .altered(path: try database.address().description, change: change))
        #expect(await Self.open(database, for: .examination) == nil)
    }

    @Test func `what can't be reached is named with its address`() async throws {
        let closed = try SilentHost(listens: false)
        let port = closed.port
        let error = await storeError {
            let address = try PostgresAddress(parsing: "postgres://a@127.0.0.1:\(port)/b")
            _ = try PostgresDatabase(opening: address)
        }
        guard case .unreachable("postgres://a@127.0.0.1:\(port)/b", let cause) = error else {
            Issue.record("another error: \(String(describing: error))")
            return
        }
        #expect(cause.contains("Connection refused"))
    }
}
