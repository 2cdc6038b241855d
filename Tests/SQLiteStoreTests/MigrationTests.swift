import BursarFoundation
import BursarModel
import GRDB
import StorageTestSupport
import TestSupport
import Testing
import Vending

@testable import SQLiteStore
@testable import Storage

/// A database of the first schema, brought to the present one.
@Suite struct MigrationTests {
    private static let head = "0cd145966cf05897eb2045251a0b4f9c3152cedf29b7ffad66080ad84c7fe1ce"
    private static let columns = [
        "researchers": "handle, name, email, project, created_at, disabled_at",
        "keys": "id, researcher, label, hash, created_at, expires_at, revoked_at, revoked_reason, version",
        "records":
            "sequence, kind, occurred_at, researcher, key_id, address, access_key_id, expires_at, request_id, hash",
        "revision": "only, value", "usage_daily": "day, key_id, outcome, count, last_at",
    ]

    private let place = TemporaryStore()

    init() throws {
        let fixture = URL(filePath: Checkout.root + "Tests/SQLiteStoreTests/Fixtures/schema-1.sql")
        let sql = String(decoding: try Data(contentsOf: fixture), as: UTF8.self)
        try FileManager.default.createDirectory(atPath: place.folder + "/state", withIntermediateDirectories: true)
        let queue = try DatabaseQueue(path: place.path)
        try queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA journal_mode = WAL")
            try db.execute(sql: sql)
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: place.path)
    }

    private func migrated() throws -> Store {
        _ = try SQLiteDatabase.migrate(place.path, at: TemporaryStore.now)
        return try Store(opening: place.path)
    }

    /// The values in the first schema's columns, table by table.
    private func content(of path: String) throws -> [String: [String]] {
        try DatabaseQueue(path: path).read { db in
            try Self.columns.mapValues { $0 }.reduce(into: [:]) { content, table in
                let sql = "SELECT \(table.value) FROM \(table.key) ORDER BY 1, 2"
                content[table.key] = try Row.fetchAll(db, sql: sql)
                    .map { row in row.databaseValues.map(\.description).joined(separator: "|") }
            }
        }
    }

    private func row(of id: String, in store: Store) async throws -> KeyRecord {
        let id = try #require(KeyID(id))
        return try #require(try await store.directory.key(id)).record
    }

    @Test func `it isn't opened before`() {
        #expect(throws: StoreError.older(path: place.path)) { try Store(opening: place.path) }
    }

    @Test func `everything is kept`() throws {
        let before = try content(of: place.path)
        #expect(before["records"]?.count == 47)
        #expect(before["usage_daily"]?.count ?? 0 > 20)
        _ = try migrated()
        #expect(try content(of: place.path) == before)
    }

    @Test func `the chain verifies, and its head is the one it had`() throws {
        let store = try migrated()
        #expect(try store.audit.firstBrokenRecord() == nil)
        let head = try store.audit.chainHead()
        #expect(head.sequence == 47)
        #expect(head.hash == Self.head)
    }

    @Test func `the chain goes on over the records of before`() async throws {
        let store = try migrated()
        let id = try #require(KeyID("7c3kq9x2mzpa"))
        let recorder = Recorder(database: store.database, now: { TemporaryStore.now })
        #expect(try await recorder.record(try await store.vend(id)).count == 2, "one was vended that day before")
        #expect(try store.audit.firstBrokenRecord() == nil)
        #expect(try store.rows("SELECT format FROM records WHERE sequence IN (47, 48)") == ["1", "2"])
        try store.write { db in
            try db.edit("UPDATE records SET request_id = 'x' WHERE sequence = 10")
        }
        #expect(try store.audit.firstBrokenRecord() == 10)
    }

    @Test func `a record of now can't pass for one of before, whose reason nobody hashed`() async throws {
        let store = try migrated()
        #expect(try store.administration.pause(by: AuditContext(actor: "root@desk", date: TemporaryStore.now)))
        try store.write { db in
            try db.edit("UPDATE records SET format = 1, actor = 'eve' WHERE sequence = 48")
        }
        #expect(try store.audit.firstBrokenRecord() == 48)
    }

    @Test func `keys have no terms of their own, and vending isn't paused`() async throws {
        let store = try migrated()
        let found = try await row(of: "7c3kq9x2mzpa", in: store)
        #expect(found.terms == KeyRestrictions())
        #expect(found.owner.ends == nil)
        #expect(found.owner.sessionsValidFrom == nil)
        #expect(try store.lists.pausedSince() == nil)
        let grace = try await row(of: "000000000000", in: store)
        #expect(grace.refusal(at: TemporaryStore.now) == .researcherDisabled)
        let revoked = try await row(of: "7c3kq9x2mzpb", in: store)
        #expect(revoked.refusal(at: TemporaryStore.now) == .keyRevoked)
    }

    @Test func `each key has its researcher's project, and a history from its creation on`() async throws {
        let store = try migrated()
        let keys = "SELECT id, keys.created_at, researchers.project FROM keys JOIN researchers ON handle = researcher"
        #expect(try store.rows("SELECT * FROM key_projects ORDER BY 1") == store.rows(keys + " ORDER BY 1"))
        #expect(
            try store.rows("SELECT id, created_at, project FROM keys ORDER BY 1") == store.rows(keys + " ORDER BY 1")
        )
        #expect(
            try store.rows("SELECT * FROM researcher_projects ORDER BY 1")
                == store.rows("SELECT handle, created_at, project FROM researchers ORDER BY handle COLLATE BINARY")
        )
        #expect(try store.upkeep.firstFlaw(.rollUps) == nil)
    }

    @Test func `what must never happen is still refused`() throws {
        let store = try migrated()
        for sql in [
            "UPDATE keys SET revoked_at = NULL", "DELETE FROM keys", "DELETE FROM records",
            "UPDATE records SET kind = ''", "UPDATE keys SET project = 'p'", "UPDATE researchers SET project = 'p'",
            "DELETE FROM key_projects", "UPDATE researcher_projects SET since = 0",
        ] {
            #expect(throws: (any Error).self) { try store.write { db in try db.execute(sql: sql) } }
        }
        #expect(try store.rows("PRAGMA integrity_check") == ["\"ok\""])
        #expect(try store.rows("PRAGMA foreign_key_check").isEmpty)
    }

    @Test func `the months of before are summed up from their days`() throws {
        let store = try migrated()
        try store.ledger.sumUpMonths(at: TemporaryStore.now.addingTimeInterval(60 * 86_400))
        let sums = try store.rows("SELECT sum(count) FROM usage_monthly GROUP BY month").compactMap { Int($0) }
        #expect(sums.count == 2)
        #expect(sums.reduce(0, +) == 40)
    }

    @Test func `a copy is left beside it, as it was and for its owner alone`() throws {
        let before = try content(of: place.path)
        let copy = try #require(try SQLiteDatabase.migrate(place.path, at: TemporaryStore.now))
        let mode = try FileManager.default.attributesOfItem(atPath: copy)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try content(of: copy) == before)
        #expect(throws: StoreError.older(path: copy)) { try Store(opening: copy) }
    }

    @Test func `the second time there is nothing to do, and no copy`() throws {
        _ = try migrated()
        #expect(try SQLiteDatabase.migrate(place.path, at: TemporaryStore.now.addingTimeInterval(1)) == nil)
        let files = try FileManager.default.contentsOfDirectory(atPath: place.folder + "/state")
        #expect(files.count { $0.contains("before") } == 1)
    }

    @Test func `a migration that can't be finished leaves the database as it was`() throws {
        try DatabaseQueue(path: place.path).writeWithoutTransaction { db in
            // Their sum is more than a count may be, which the third step finds.
            try db.execute(sql: "UPDATE usage_daily SET count = 9007199254740992 WHERE day = 20423")
        }
        let before = try content(of: place.path)
        #expect(throws: StoreError.self) { try SQLiteDatabase.migrate(place.path, at: TemporaryStore.now) }
        #expect(try content(of: place.path) == before)
        #expect(throws: StoreError.older(path: place.path)) { try Store(opening: place.path) }
    }

    @Test func `a file that is no older Bursar database is not touched`() throws {
        let missing = place.folder + "/none.sqlite"
        #expect(throws: StoreError.missing(path: missing)) {
            try SQLiteDatabase.migrate(missing, at: TemporaryStore.now)
        }
        try DatabaseQueue(path: place.path).writeWithoutTransaction { db in
            try db.execute(sql: "INSERT INTO grdb_migrations VALUES ('99: from the future')")
        }
        #expect(throws: StoreError.newer(path: place.path)) {
            try SQLiteDatabase.migrate(place.path, at: TemporaryStore.now)
        }
        try DatabaseQueue(path: place.path).writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA application_id = 7")
        }
        #expect(throws: StoreError.notOurs(path: place.path)) {
            try SQLiteDatabase.migrate(place.path, at: TemporaryStore.now)
        }
    }
}
