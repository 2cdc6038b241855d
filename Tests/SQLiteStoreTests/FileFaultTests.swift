import BursarFoundation
import BursarModel
import GRDB
import StorageTestSupport
import TestSupport
import Testing
import Vending

@testable import SQLiteStore
@testable import Storage

/// The faults that only a file has: no room, another file in its place, a lock, values past the schema.
@Suite struct FileFaultTests {
    private let place = TemporaryStore()
    private let store: Store
    private let recorder: Recorder

    init() throws {
        store = try place.file()
        try store.addAda()
        recorder = Recorder(database: store.database, now: { TemporaryStore.now })
    }

    private func outcome(_ vend: Vend) async -> AuditLogError? {
        do throws(AuditLogError) {
            try await recorder.record(vend)
            return nil
        } catch {
            return error
        }
    }

    private func vends() throws -> Int {
        try store.read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM records WHERE kind = 'vend'") ?? -1 }
    }

    private var today: UTCDay { UTCDay(containing: TemporaryStore.now) }

    @Test func `after the file was replaced nothing is recorded, also when it comes back`() async throws {
        let id = try store.issueKey()
        let vend = try await store.vend(id)
        try FileManager.default.moveItem(atPath: place.path, toPath: place.path + ".away")
        #expect(await outcome(vend) != nil)
        try FileManager.default.moveItem(atPath: place.path + ".away", toPath: place.path)
        #expect(await outcome(vend) != nil)
        #expect(recorder.progress.failure != nil)
    }

    @Test func `on a full disk the vend is refused, and counted nowhere`() async throws {
        let id = try store.issueKey()
        try store.fill()
        var refusals = 0
        for number in 0..<400 where await outcome(try await store.vend(id, number)) != nil { refusals += 1 }
        #expect(refusals > 0)
        #expect(recorder.progress.failure != nil)
        #expect(try vends() == 400 - refusals)
        #expect(try store.usageByResearcher(in: today...today).first?.tally.vends == 400 - refusals)
        #expect(try store.audit.firstBrokenRecord() == nil)
    }

    @Test func `a database locked for longer than anyone waits refuses the vend`() async throws {
        let id = try store.issueKey()
        let vend = try await store.vend(id)
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: place.path, configuration: configuration)
        try await other.inDatabaseAsync { db in try db.beginTransaction(.immediate) }
        #expect(await outcome(vend) != nil)
        #expect(recorder.progress.failure != nil)
        try await other.inDatabaseAsync { db in try db.rollback() }
        try await Waiting.until("the recorder to write again") {
            recorder.probeIfFailing()
            return recorder.progress.failure == nil
        }
        #expect(await outcome(vend) == nil)
        #expect(try vends() == 1)
    }

    @Test func `the last twentieth of the room is left to vends`() async throws {
        try await store.pool.writeWithoutTransaction { db in
            try db.execute(sql: "UPDATE probe SET filler = zeroblob(4000000)")
            let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            try db.execute(sql: "PRAGMA max_page_count = \(pages + pages / 25)")
        }
        let (key, tally) = (try store.issueKey(), RefusalTally())
        let refusal = VendError(.quotaExhausted, .proven(key, try #require(Handle("ada"))))
        tally.note(refusal, from: IPAddress("192.0.2.1"), requestID: "r", at: TemporaryStore.now)
        let batch = try #require(tally.take())
        #expect(throws: StoreError.full) { try store.ledger.record(batch) }
        #expect(try store.rows("SELECT day FROM usage_daily").isEmpty)
        #expect(try await recorder.record(try await store.vend(key)).count == 1)
        try await store.pool.writeWithoutTransaction { db in
            let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            try db.execute(sql: "PRAGMA max_page_count = \(pages + pages / 15)")
        }
        try store.ledger.record(batch)
        #expect(try store.rows("SELECT day FROM usage_daily").count == 2)
    }

    @Test(arguments: [
        "allowed = ''", "allowed = 'example.org'", "allowed = '10.0.0.0/8,'", "allowed = '[]'", "models = ''",
        "models = 'a,,b'", "models = '**'", "rate = 0", "rate = -1", "rate = 9000000000000000000",
        "session_seconds = 899", "session_seconds = 43201", "hash = '$argon2id$v=19$m=4000000,t=2,p=1$a$b'",
        "hash = '$argon2id$'",
    ])
    func `a row with terms that can't be read is unreadable, never one without them`(_ change: String) async throws {
        let id = try store.issueKey(terms: KeyRestrictions(dailyLimit: 5))
        let other = try store.issueKey()
        try await store.pool.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA ignore_check_constraints = ON")
            try db.execute(sql: "UPDATE keys SET \(change) WHERE id = ?", arguments: [id.description])
        }
        await #expect(throws: UnreadableKeyError.self) { try await store.directory.key(id) }
        #expect(try await store.directory.key(other) != nil)
    }

    @Test func `a reference into nothing is named`() throws {
        _ = try store.issueKey()
        try store.pool.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA foreign_keys = OFF; UPDATE keys SET researcher = 'nobody'")
        }
        #expect(
            try store.upkeep.firstFlaw(.references) == "a row of keys refers to one of researchers that isn't there"
        )
    }

    @Test func `an index that lacks a row is named`() throws {
        _ = try store.issueKey()
        try store.pool.writeWithoutTransaction { db in
            try db.execute(
                sql: """
                    PRAGMA writable_schema = ON;
                    UPDATE sqlite_master SET sql = 'CREATE INDEX keys_by_researcher ON keys (label)'
                    WHERE name = 'keys_by_researcher';
                    """
            )
        }
        let examined = try Store(opening: place.path, for: .examination)
        #expect(try examined.upkeep.firstFlaw(.pages) != nil)
        #expect(try examined.upkeep.firstFlaw(.schema) == "index keys_by_researcher was altered")
    }

    @Test func `a key's secret is nowhere in the database`() throws {
        let (key, hash) = try cheapKey()
        let end = TemporaryStore.now.addingTimeInterval(60)
        let ada = try #require(Handle("ada"))
        _ = try store.administration.add(
            NewKey(id: key.id, hash: hash, researcher: ada, label: nil, expires: end),
            by: TemporaryStore.act
        )
        let secret = Data(key.text.reveal().utf8.suffix(49))
        for file in ["", "-wal"] {
            #expect(try Data(contentsOf: URL(filePath: place.path + file)).firstRange(of: secret) == nil)
        }
    }

    @Test func `operators' actions are read by their index`() throws {
        let plan = try store.rows(
            """
            EXPLAIN QUERY PLAN SELECT * FROM records INDEXED BY records_of_operators
            WHERE sequence BETWEEN 1 AND 60 AND kind NOT IN ('vend', 'refusal') ORDER BY sequence DESC LIMIT 5
            """
        )
        #expect(plan.allSatisfy { !$0.contains("SCAN records USING INTEGER") && !$0.contains("TEMP B-TREE") })
    }
}

extension DatabaseQueue {
    fileprivate func inDatabaseAsync(_ body: @escaping @Sendable (GRDB.Database) throws -> Void) async throws {
        try await writeWithoutTransaction(body)
    }
}
