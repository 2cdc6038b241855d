import BursarFoundation
import BursarModel
import GRDB
import StorageTestSupport
import Synchronization
import SystemPackage
import TestSupport
import Testing
import Vending

@testable import SQLiteStore
@testable import Storage

/// A database whose schema was altered: nothing opens it, and nothing is vended from it.
@Suite struct StoredSchemaTests {
    /// A change by an attacker who may write the file, and the words that name it.
    struct Change: Sendable, CustomTestStringConvertible {
        let sql: String
        let name: String
        /// Edited as text, which SQLite doesn't count, so that open connections go on by what they read before.
        var isText = false

        var testDescription: String { name }

        /// A schema edited as text.
        static func text(of object: String, _ old: String, _ new: String, _ name: String) -> Change {
            let edit = "sql = replace(sql, '\(old)', '\(new)')"
            let sql = writable("UPDATE sqlite_master SET \(edit) WHERE name = '\(object)'")
            return Change(sql: sql, name: name, isText: true)
        }

        static func writable(_ sql: String) -> String {
            "PRAGMA writable_schema = ON; \(sql); PRAGMA writable_schema = RESET"
        }
    }

    private static let ignore = "BEGIN SELECT RAISE(IGNORE); END"
    static let changes = [
        Change(
            sql: "CREATE TRIGGER hide BEFORE INSERT ON records WHEN NEW.researcher = 'ada' \(ignore)",
            name: "trigger hide was added"
        ),
        Change(sql: "CREATE TRIGGER free BEFORE INSERT ON usage_daily \(ignore)", name: "trigger free was added"),
        Change(sql: "CREATE TRIGGER free BEFORE UPDATE ON usage_daily \(ignore)", name: "trigger free was added"),
        Change(sql: "CREATE TRIGGER n BEFORE INSERT ON usage_networks \(ignore)", name: "trigger n was added"),
        Change(sql: "CREATE TRIGGER t BEFORE INSERT ON usage_totals \(ignore)", name: "trigger t was added"),
        Change(
            sql: "CREATE TRIGGER keep BEFORE UPDATE OF revoked_at ON keys \(ignore)",
            name: "trigger keep was added"
        ),
        Change(
            sql: """
                CREATE TRIGGER undo AFTER INSERT ON records WHEN NEW.kind = 'key_revoked' BEGIN
                    UPDATE usage_daily SET count = 1; END
                """,
            name: "trigger undo was added"
        ),
        Change(sql: "DROP TRIGGER key_changed", name: "trigger key_changed is missing"),
        Change(
            sql: "DROP TRIGGER key_changed; DROP TRIGGER key_issued; DROP TRIGGER researcher_changed",
            name: "trigger key_changed is missing, trigger key_issued is missing, trigger researcher_changed is missing"
        ),
        Change(
            sql: """
                DROP TRIGGER vending_switched; DROP TRIGGER keys_stay; DROP TRIGGER keys_stay_revoked;
                DROP TRIGGER records_stay
                """,
            name: """
                trigger keys_stay is missing, trigger keys_stay_revoked is missing, trigger records_stay is missing, …
                """
        ),
        Change(
            sql: "DROP TRIGGER records_stay; CREATE TRIGGER records_stay BEFORE UPDATE ON records BEGIN SELECT 1; END",
            name: "trigger records_stay was altered"
        ),
        Change(sql: "CREATE INDEX more ON records (researcher)", name: "index more was added"),
        Change(sql: "CREATE UNIQUE INDEX one ON usage_daily (key_id)", name: "index one was added"),
        Change(sql: "DROP INDEX keys_by_version", name: "index keys_by_version is missing"),
        Change(sql: "CREATE VIEW people AS SELECT * FROM researchers", name: "view people was added"),
        Change(sql: "CREATE TABLE notes (text)", name: "table notes was added"),
        Change(
            sql: "CREATE VIRTUAL TABLE v USING fts5(text)",
            name: "table v was added, table v_config was added, table v_content was added, …"
        ),
        Change(sql: "ALTER TABLE keys ADD COLUMN more TEXT", name: "table keys was altered"),
        .text(of: "usage_daily", "BETWEEN 1 AND", "BETWEEN 0 AND", "table usage_daily was altered"),
        .text(of: "keys", "$argon2id$*", "$argon2id$ *", "table keys was altered"),
        .text(of: "researchers", "COLLATE NOCASE", "COLLATE BINARY", "table researchers was altered"),
        .text(of: "records", "STRICT", "", "table records was altered"),
        .text(of: "key_changed", "AFTER UPDATE OF id", "AFTER UPDATE OF label", "trigger key_changed was altered"),
    ]

    private let place = TemporaryStore()

    /// Another program's connection, which obeys nobody.
    private func change(_ sql: String, _ path: String? = nil) throws {
        try DatabaseQueue(path: path ?? place.path).writeWithoutTransaction { db in try db.execute(sql: sql) }
    }

    private func altered(_ change: Change) -> StoreError { .altered(path: place.path, change: change.name) }

    private func load(_ fixture: String) throws {
        let file = URL(filePath: Checkout.root + "Tests/SQLiteStoreTests/Fixtures/\(fixture).sql")
        let sql = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        try FileManager.default.createDirectory(atPath: place.folder + "/state", withIntermediateDirectories: true)
        try change(sql)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: place.path)
    }

    // MARK: What is right

    @Test(arguments: 1...Schema.versions.count)
    func `the digest of each version is that of a new database`(_ version: Int) throws {
        #expect(try Schema.expected(version: version).digest == Schema.versions[version - 1].digest)
    }

    @Test(arguments: [("schema-1", 1), ("schema-2", 2)])
    func `an older database has its version's, and after migrating this version's`(
        _ fixture: String,
        _ version: Int
    ) throws {
        try load(fixture)
        let digest = try DatabaseQueue(path: place.path).read { db in try StoredSchema(db).digest }
        #expect(digest == Schema.versions[version - 1].digest)
        _ = try SQLiteDatabase.migrate(place.path, at: TemporaryStore.now)
        let migrated = try Store(opening: place.path).read { db in try StoredSchema(db).digest }
        #expect(migrated == Schema.versions.last?.digest)
    }

    @Test(arguments: [
        "ANALYZE", "VACUUM", "REINDEX",
        "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT); DROP TABLE t",
    ])
    func `what SQLite itself keeps there is nobody's doing`(_ sql: String) throws {
        let store = try place.file()
        try store.addAda()
        try change(sql)
        try store.addAda("grace")
        #expect(try Store(opening: place.path).upkeep.firstFlaw(.schema) == nil)
    }

    @Test func `a schema that is laid out otherwise is the same`() throws {
        _ = try place.file()
        try change(
            Change.writable(
                "UPDATE sqlite_master SET sql = replace(sql, char(10), char(10, 32, 9)) WHERE sql NOT LIKE '%sqlite%'"
            )
        )
        #expect(throws: Never.self) { try Store(opening: place.path) }
    }

    // MARK: What is not

    @Test(arguments: changes)
    func `it is opened by nobody, and the difference is named`(_ change: Change) throws {
        _ = try place.file()
        try self.change(change.sql)
        #expect(throws: altered(change)) { try Store(opening: place.path) }
        #expect(throws: altered(change)) { try Store(opening: place.path, for: .console) }
        #expect(throws: altered(change)) { try SQLiteDatabase.migrate(place.path, at: TemporaryStore.now) }
        let examined = try Store(opening: place.path, for: .examination)
        #expect(try examined.upkeep.firstFlaw(.schema) == change.name)
        #expect(throws: altered(change)) { try examined.addAda() }
    }

    @Test(arguments: changes)
    func `who has it open already sees it at the next look, and in the next transaction`(
        _ change: Change
    ) async throws {
        let store = try place.file()
        try store.addAda()
        let key = try store.issueKey()
        let vend = try await store.vend(key)
        let recorder = Recorder(database: store.database, now: { TemporaryStore.now })
        try await recorder.record(vend)
        try self.change(change.sql)
        await #expect(throws: altered(change)) { try await store.directory.changes(since: 0) }
        guard !change.isText else { return }
        await #expect(throws: AuditLogError.self) { try await recorder.record(vend) }
        #expect(throws: altered(change)) {
            try store.administration.revokeKey(key, reason: "stolen", by: TemporaryStore.act)
        }
        #expect(recorder.progress.failure != nil)
        #expect(try store.rows("SELECT count(*) FROM records WHERE kind = 'vend'") == ["1"])
    }

    /// The same text in one field or the next, in one row or in two.
    @Test(arguments: [
        ("sql = ''", "name LIKE 'sqlite_autoindex_%'"),
        ("tbl_name = tbl_name || ' CREATE', sql = substr(sql, 8)", "name = 'records_stay'"),
        ("name = name || ' ' || tbl_name, tbl_name = 'CREATE', sql = substr(sql, 8)", "name = 'records_stay'"),
        ("name = 'keys_stay keys CREATE TRIGGER', tbl_name = 'keys_stay', sql = substr(sql, 26)", "name = 'keys_stay'"),
    ])
    func `a schema whose words stand in other fields is another`(_ edit: String, _ place: String) async throws {
        let store = try self.place.file()
        _ = try await store.directory.changes(since: 0)
        let sql = "PRAGMA writable_schema = ON; UPDATE sqlite_master SET \(edit) WHERE \(place)"
        try change(sql)
        await #expect(throws: StoreError.self) { try await store.directory.changes(since: 0) }
    }

    @Test func `the same objects in another order are the same schema, and not read again`() async throws {
        let store = try place.file()
        _ = try await store.directory.changes(since: 0)
        try change(Change.writable("UPDATE sqlite_master SET rowid = 1000 - rowid WHERE type = 'trigger'"))
        let trace = StatementTrace()
        // One after the other, reads have the same connection.
        try await store.pool.read { db in db.trace { event in trace.note("\(event)") } }
        _ = try await store.directory.changes(since: 0)
        #expect(trace.statements.count { $0.contains("sqlite_master") } == 1, "\(trace.statements)")
        #expect(throws: Never.self) { try Store(opening: place.path) }
    }

    @Test(arguments: ["name = 'sqlite_stat1'", "tbl_name = 'pruned'", "sql = 'CREATE TABLE x (y)'"])
    func `what SQLite itself can't make sense of is damaged`(_ edit: String) throws {
        _ = try place.file()
        try change(Change.writable("UPDATE sqlite_master SET \(edit) WHERE name = 'records_stay'"))
        #expect(throws: StoreError.notOurs(path: place.path)) { try Store(opening: place.path) }
    }

    @Test func `once the schema is right again, vending goes on`() async throws {
        let store = try place.file()
        try store.addAda()
        let vend = try await store.vend(try store.issueKey())
        let recorder = Recorder(database: store.database, now: { TemporaryStore.now })
        try change("CREATE VIEW people AS SELECT * FROM researchers")
        await #expect(throws: AuditLogError.self) { try await recorder.record(vend) }
        try change("DROP VIEW people")
        try await recorder.record(vend)
        #expect(recorder.progress.failure == nil)
        #expect(try await store.directory.changes(since: 0).revision > 0)
    }

    /// An attacker who sets SQLite's count back keeps open connections from reading the new schema, so from obeying it, too.
    @Test func `a trigger that hides behind a count that was set back does nothing to who has the file open`()
        async throws
    {
        let store = try place.file()
        try store.addAda()
        let vend = try await store.vend(try store.issueKey())
        let recorder = Recorder(database: store.database, now: { TemporaryStore.now })
        try await recorder.record(vend)
        let count = try #require(try store.rows("PRAGMA schema_version").first)
        try change("CREATE TRIGGER hide BEFORE INSERT ON records \(Self.ignore); PRAGMA schema_version = \(count)")
        if (try? await recorder.record(vend)) != nil {
            #expect(try store.rows("SELECT count(*) FROM records WHERE kind = 'vend'") == ["2"])
        }
        #expect(throws: StoreError.altered(path: place.path, change: "trigger hide was added")) {
            try Store(opening: place.path)
        }
    }

    @Test(arguments: ["schema-1", "schema-2"])
    func `an older one is not migrated with what doesn't belong there`(_ fixture: String) throws {
        try load(fixture)
        try change("CREATE TRIGGER hide BEFORE INSERT ON records \(Self.ignore)")
        #expect(throws: StoreError.altered(path: place.path, change: "trigger hide was added")) {
            try SQLiteDatabase.migrate(place.path, at: TemporaryStore.now)
        }
        #expect(throws: StoreError.older(path: place.path)) { try Store(opening: place.path) }
    }

    @Test func `a backup is not restored with what doesn't belong there`() throws {
        let store = try place.file()
        try store.addAda()
        let (backup, target) = (FilePath(place.folder + "/copy.sqlite"), place.folder + "/new.sqlite")
        _ = try store.file.backUp(to: backup, by: TemporaryStore.act, CancellationFlag())
        try change("CREATE TRIGGER hide BEFORE INSERT ON records \(Self.ignore)", backup.string)
        #expect(throws: StoreError.altered(path: backup.string, change: "trigger hide was added")) {
            try SQLiteDatabase.restore(
                backup,
                to: target,
                comparingWith: nil,
                keepsActive: true,
                by: TemporaryStore.act,
                CancellationFlag()
            )
        }
        #expect(!FileManager.default.fileExists(atPath: target))
    }

    // MARK: Writes that do nothing

    @Test(arguments: [
        ("INSERT ON researchers", "INSERT INTO researchers"), ("INSERT ON keys", "INSERT INTO keys"),
        ("INSERT ON records", "INSERT INTO records"),
    ])
    func `a row that isn't inserted is missed`(_ event: String, _ words: String) throws {
        let store = try place.file()
        let cause = "\(words) changed 0 rows where 1 should change"
        #expect(throws: StoreError.unavailable(cause: cause)) {
            try store.write { db in
                try db.execute(sql: "CREATE TRIGGER hide BEFORE \(event) \(Self.ignore)")
                let ada = Researcher(
                    handle: try #require(Handle("ada")),
                    name: "Ada",
                    email: "ada@example.edu",
                    project: "engines"
                )
                #expect(try ada.insert(db.transaction, by: TemporaryStore.act))
                let (key, hash) = try cheapKey()
                let new = NewKey(id: key.id, hash: hash, researcher: ada.handle, expires: TemporaryStore.now + 60)
                _ = try new.insert(db.transaction, by: TemporaryStore.act)
            }
        }
        #expect(try store.lists.researchers().isEmpty, "nothing of the transaction stays")
    }

    @Test(arguments: [
        (
            "CREATE TRIGGER keep BEFORE UPDATE OF revoked_at ON keys BEGIN SELECT RAISE(IGNORE); END",
            "UPDATE keys SET changed 0 rows where 1 should change"
        ),
        ("DROP TRIGGER key_changed", "the revision doesn't move, so no server would obey the change"),
    ])
    func `a change of a key that no server would see is none`(_ sql: String, _ cause: String) throws {
        let store = try place.file()
        try store.addAda()
        let id = try store.issueKey().description
        #expect(throws: StoreError.unavailable(cause: cause)) {
            try store.write { db in
                try db.execute(sql: sql)
                try DirectoryWriter(db.transaction, by: TemporaryStore.act).change(
                    "UPDATE keys SET revoked_at = 1 WHERE id = ?",
                    [id]
                )
            }
        }
    }

    @Test func `a change of more rows than were meant is undone`() throws {
        let store = try place.file()
        try store.addAda()
        for _ in 1...2 { _ = try store.issueKey() }
        #expect(throws: StoreError.unavailable(cause: "UPDATE keys SET changed 2 rows where 1 should change")) {
            try store.write { db in try db.transaction.change("UPDATE keys SET label = 'all'") }
        }
        #expect(try store.lists.keys().allSatisfy { $0.label == nil })
    }

    // MARK: What it costs

    @Test func `a vend asks for one number more, and reads no schema`() async throws {
        let store = try place.file()
        try store.addAda()
        let vend = try await store.vend(try store.issueKey())
        let recorder = Recorder(database: store.database, now: { TemporaryStore.now })
        for _ in 1...2 { try await recorder.record(vend) }
        let trace = StatementTrace()
        try await store.pool.write { db in db.trace { event in trace.note("\(event)") } }
        try await recorder.record(vend)
        let statements = trace.statements
        #expect(statements.count { $0.hasPrefix("PRAGMA schema_version") } == 1)
        #expect(!statements.contains { $0.contains("sqlite_master") })
        #expect(statements.count <= 20, "\(statements)")
    }
}

/// The statements that a connection ran.
private final class StatementTrace: Sendable {
    private let seen = Mutex<[String]>([])

    var statements: [String] { seen.withLock { $0 } }

    func note(_ statement: String) {
        seen.withLock { $0.append(statement) }
    }
}
