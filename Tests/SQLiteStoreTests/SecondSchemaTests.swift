import BursarFoundation
import BursarModel
import GRDB
import StorageTestSupport
import SystemPackage
import TestSupport
import Testing
import Vending

@testable import SQLiteStore
@testable import Storage

/// A database of the second schema, brought to the present one.
@Suite struct SecondSchemaTests {
    private static let head = "d056bf7d6065d9591df273dc4d3a60e696b50bca333ebf9eb3571024dd0e9a15"
    private static let columns = [
        "researchers": "handle, name, email, project, created_at, disabled_at, ends_at, sessions_valid_from",
        "keys": """
        id, researcher, label, hash, created_at, expires_at, revoked_at, revoked_reason, version, allowed, models,
        daily_limit, rate, session_seconds
        """,
        "records": """
        sequence, kind, occurred_at, researcher, key_id, address, access_key_id, expires_at, request_id, hash,
        format, reason, actor, detail
        """,
        "revision": "only, value, paused_at",
        "usage_daily": "day, key_id, outcome, count, last_at",
        "usage_monthly": "month, key_id, outcome, count, last_at",
        "usage_networks": "day, key_id, network, count, last_at",
    ]

    private let place = TemporaryStore()

    init() throws {
        let fixture = URL(filePath: Checkout.root + "Tests/SQLiteStoreTests/Fixtures/schema-2.sql")
        let sql = String(decoding: try Data(contentsOf: fixture), as: UTF8.self)
        try FileManager.default.createDirectory(atPath: place.folder + "/state", withIntermediateDirectories: true)
        try DatabaseQueue(path: place.path).writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA journal_mode = WAL")
            try db.execute(sql: sql)
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: place.path)
    }

    private func migrated() throws -> Store {
        _ = try SQLiteDatabase.migrate(place.path, at: TemporaryStore.now)
        return try Store(opening: place.path)
    }

    /// The values in the second schema's columns, table by table.
    private func content(of path: String) throws -> [String: [String]] {
        try DatabaseQueue(path: path).read { db in
            try Self.columns.reduce(into: [:]) { content, table in
                let sql = "SELECT \(table.value) FROM \(table.key) ORDER BY 1, 2, 3"
                content[table.key] = try Row.fetchAll(db, sql: sql)
                    .map { row in row.databaseValues.map(\.description).joined(separator: "|") }
            }
        }
    }

    @Test func `everything is kept, and the chain ends as it did`() throws {
        let before = try content(of: place.path)
        #expect(before["records"]?.count == 56)
        let store = try migrated()
        #expect(try content(of: place.path) == before)
        let head = try store.audit.chainHead()
        #expect(head.sequence == 56)
        #expect(head.hash == Self.head)
    }

    @Test(arguments: DatabaseCheck.allCases)
    func `what is new follows from what was there`(_ check: DatabaseCheck) throws {
        #expect(try migrated().upkeep.firstFlaw(check) == nil)
    }

    @Test func `what each key was last used for is taken from the records`() throws {
        let store = try migrated()
        let sql = """
            SELECT key_id, count(*), min(occurred_at), max(occurred_at), max(sequence), max(expires_at)
            FROM records WHERE kind = 'vend' GROUP BY key_id
            """
        #expect(try store.rows("SELECT * FROM usage_keys ORDER BY key_id") == store.rows(sql))
        #expect(try store.rows("SELECT vends FROM usage_keys WHERE key_id = '0cnedgw9c27b'") == ["5"])
    }

    @Test func `totals are the sums of the days`() throws {
        let store = try migrated()
        let sql = "SELECT day, outcome, sum(count), max(last_at) FROM usage_daily GROUP BY day, outcome"
        #expect(try store.rows("SELECT * FROM usage_totals ORDER BY day, outcome") == store.rows(sql))
    }

    @Test func `keys keep their terms, and are no canaries`() async throws {
        let store = try migrated()
        let id = try #require(KeyID("0cnedgw9c27b"))
        let key = try #require(try await store.directory.key(id)).record
        #expect(key.terms.allowed?.description == "127.0.0.0/8")
        #expect(key.terms.dailyLimit == 5)
        #expect(key.terms.rate?.perSecond == 3)
        #expect(key.terms.sessionDuration?.seconds == 7200)
        #expect(!key.isCanary)
        #expect(!key.owner.isSelftest)
    }

    @Test func `the chain goes on over the records of before`() async throws {
        let store = try migrated()
        let recorder = Recorder(database: store.database, now: { TemporaryStore.now })
        let id = try #require(KeyID("7c3kq9x2mzpa"))
        if try store.lists.pausedSince() != nil { #expect(try store.administration.resume(by: TemporaryStore.act)) }
        _ = try await recorder.record(try await store.vend(id))
        #expect(try store.audit.firstBrokenRecord() == nil)
        for check in DatabaseCheck.allCases { #expect(try store.upkeep.firstFlaw(check) == nil) }
    }

    @Test func `what was not prunable before is not now, unless it is pruned`() throws {
        let store = try migrated()
        #expect(throws: (any Error).self) { try store.write { db in try db.execute(sql: "DELETE FROM records") } }
        #expect(try store.rows("SELECT sequence FROM pruned") == ["0"])
    }

    @Test func `a migration that fails leaves the database as it was`() throws {
        try DatabaseQueue(path: place.path).writeWithoutTransaction { db in
            // Their sum is more than a count may be, which the third step finds.
            try db.execute(sql: "UPDATE usage_daily SET count = 9007199254740992 WHERE day = 20423")
        }
        let before = try content(of: place.path)
        #expect(throws: StoreError.self) { try SQLiteDatabase.migrate(place.path, at: TemporaryStore.now) }
        #expect(try content(of: place.path) == before)
        #expect(throws: StoreError.older(path: place.path)) { try Store(opening: place.path) }
    }

    @Test func `of several steps none is done when a later one fails`() throws {
        let old = TemporaryStore()
        let fixture = URL(filePath: Checkout.root + "Tests/SQLiteStoreTests/Fixtures/schema-1.sql")
        let sql = String(decoding: try Data(contentsOf: fixture), as: UTF8.self)
        try FileManager.default.createDirectory(atPath: old.folder + "/state", withIntermediateDirectories: true)
        let queue = try DatabaseQueue(path: old.path)
        try queue.writeWithoutTransaction { db in
            try db.execute(sql: sql)
            // Their sum is more than a count may be, which the third step finds.
            try db.execute(sql: "UPDATE usage_daily SET count = 9007199254740992 WHERE day = 20423")
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: old.path)
        #expect(throws: StoreError.self) { try SQLiteDatabase.migrate(old.path, at: TemporaryStore.now) }
        let steps = try queue.read { db in try String.fetchAll(db, sql: "SELECT identifier FROM grdb_migrations") }
        #expect(steps == ["1: researchers, keys, records, usage"])
        let files = try FileManager.default.contentsOfDirectory(atPath: old.folder + "/state")
        #expect(!files.contains { $0.hasPrefix(".bursar-") }, "the rehearsal's copy is gone")
    }

    @Test func `a backup of the second schema is restored, migrated`() throws {
        // As another program's copy: the log is in the file.
        try DatabaseQueue(path: place.path).writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA journal_mode = DELETE")
        }
        let target = place.folder + "/new/bursar.sqlite"
        let restored = try SQLiteDatabase.restore(
            FilePath(place.path),
            to: target,
            comparingWith: nil,
            keepsActive: true,
            by: TemporaryStore.act,
            CancellationFlag()
        )
        #expect(restored.sequence == 56)
        #expect(try Store(opening: target).audit.firstBrokenRecord() == nil)
    }
}
