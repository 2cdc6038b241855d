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

@Suite struct RestoreTests {
    private let place = TemporaryStore()
    private let store: Store
    private var backup: FilePath { FilePath(place.folder + "/backup.sqlite") }
    private var target: String { place.folder + "/new/bursar.sqlite" }

    init() throws {
        store = try place.file()
        try store.addAda()
    }

    private func backUp() throws {
        _ = try store.file.backUp(to: backup, by: TemporaryStore.act, CancellationFlag())
    }

    private func restore(comparing present: Store? = nil, keepsActive: Bool = false) throws -> Restoration {
        try SQLiteDatabase.restore(
            backup,
            to: target,
            comparingWith: present?.database,
            keepsActive: keepsActive,
            by: TemporaryStore.act,
            CancellationFlag()
        )
    }

    private func revoke(_ id: KeyID) throws {
        _ = try store.administration.revokeKey(id, reason: "lost", by: TemporaryStore.act)
    }

    /// Keys that are not revoked and belong to no disabled researcher.
    private func active(in store: Store) throws -> [KeyID] {
        let disabled = Set(try store.rows("SELECT handle FROM researchers WHERE disabled_at IS NOT NULL"))
        return try store.lists.keys().filter { $0.revoked == nil && !disabled.contains("\"\($0.researcher)\"") }.map(
            \.id
        )
    }

    @Test func `a researcher with a key that works in the backup is disabled, and on record`() throws {
        let (lost, kept) = (try store.issueKey(), try store.issueKey())
        try backUp()
        try revoke(lost)
        let bytes = try Data(contentsOf: URL(filePath: backup.string))
        let restored = try restore()
        #expect(Set(restored.keys.map(\.id)) == [lost, kept])
        #expect(restored.keys.allSatisfy { $0.doubt == .notCompared && $0.outcome == .disabled })
        let new = try Store(opening: target)
        #expect(try active(in: new).isEmpty)
        #expect(try new.lists.keys().allSatisfy { $0.revoked == nil })
        let kinds = try new.rows("SELECT kind FROM records ORDER BY sequence DESC LIMIT 2")
        #expect(kinds == ["\"database_restored\"", "\"researcher_disabled\""])
        let reasons = try new.rows("SELECT disabled_reason FROM researchers")
        #expect(reasons.allSatisfy { $0.hasPrefix("\"restored from a backup of ") })
        for check in DatabaseCheck.allCases { #expect(try new.upkeep.firstFlaw(check) == nil) }
        #expect(try Data(contentsOf: URL(filePath: backup.string)) == bytes, "the backup is only read")
    }

    @Test func `nothing but the database is left, its owner's alone`() throws {
        try backUp()
        _ = try restore()
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.folder + "/new") == ["bursar.sqlite"])
        let mode = try FileManager.default.attributesOfItem(atPath: target)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test func `asked to, it keeps them, and still lists them`() throws {
        let key = try store.issueKey()
        try backUp()
        try revoke(key)
        let restored = try restore(keepsActive: true)
        #expect(restored.keys.map(\.id) == [key])
        #expect(restored.keys.map(\.outcome) == [.active])
        #expect(try active(in: Store(opening: target)) == [key])
    }

    @Test func `what a later database has otherwise disables its researcher, the rest works on`() throws {
        try store.addAda("grace")
        let (same, changed, other) = (try store.issueKey(to: "grace"), try store.issueKey(), try store.issueKey())
        try backUp()
        try store.write { db in
            let sql = "UPDATE keys SET allowed = '192.0.2.0/24' WHERE id = ?"
            try db.execute(sql: sql, arguments: [changed.description])
        }
        let restored = try restore(comparing: store)
        let doubts = Dictionary(uniqueKeysWithValues: restored.keys.map { ($0.id, $0.doubt) })
        #expect(doubts == [changed: .changed, other: .shared])
        #expect(restored.unchanged == 1)
        #expect(try active(in: Store(opening: target)) == [same])
    }

    @Test(arguments: [false, true])
    func `what was revoked or disabled since is taken over with its reason`(_ keepsActive: Bool) throws {
        try store.addAda("grace")
        let (kept, lost, theirs) = (try store.issueKey(), try store.issueKey(), try store.issueKey(to: "grace"))
        try backUp()
        try revoke(lost)
        _ = try store.administration.disable(#require(Handle("grace")), reason: "left", by: TemporaryStore.act)
        let restored = try restore(comparing: store, keepsActive: keepsActive)
        let outcomes = Dictionary(uniqueKeysWithValues: restored.keys.map { ($0.id, $0.outcome) })
        #expect(outcomes == [lost: .revoked, theirs: .disabled])
        let new = try Store(opening: target)
        #expect(try active(in: new) == [kept])
        #expect(try new.rows("SELECT revoked_reason FROM keys WHERE revoked_at IS NOT NULL") == ["\"lost\""])
        let disabled = try new.rows("SELECT handle, disabled_reason FROM researchers WHERE disabled_at IS NOT NULL")
        #expect(disabled.count == 1 && disabled[0].contains("grace") && disabled[0].contains("left"))
        for check in DatabaseCheck.allCases { #expect(try new.upkeep.firstFlaw(check) == nil) }
    }

    @Test func `what is new since the backup is listed as missing`() throws {
        try backUp()
        try store.addAda("grace")
        let (issued, revoked) = (try store.issueKey(to: "grace"), try store.issueKey())
        try revoke(revoked)
        let restored = try restore(comparing: store)
        #expect(restored.keys.map(\.id) == [issued])
        #expect(restored.keys.map(\.outcome) == [.missing])
        #expect(restored.missingResearchers == ["grace"])
    }

    @Test func `who was disabled in the backup stays so, for the reason of then`() throws {
        _ = try store.issueKey()
        _ = try store.administration.disable(#require(Handle("ada")), reason: "left", by: TemporaryStore.act)
        try backUp()
        #expect(try restore().keys.isEmpty)
        #expect(try Store(opening: target).rows("SELECT disabled_reason FROM researchers") == ["\"left\""])
    }

    @Test(arguments: ["disabled_at = 1", "ends_at = 2000000000000", "sessions_valid_from = 1"])
    func `a researcher who was held to something since doesn't get around it`(_ change: String) throws {
        _ = try store.issueKey()
        try backUp()
        try store.write { db in try db.execute(sql: "UPDATE researchers SET " + change) }
        #expect(try restore(comparing: store).keys.map(\.outcome) == [.disabled])
        #expect(try active(in: Store(opening: target)).isEmpty)
    }

    @Test func `a key that was revoked since doesn't come back with its researcher`() throws {
        let key = try store.issueKey()
        try store.write { db in try db.execute(sql: "UPDATE researchers SET disabled_at = 1") }
        try backUp()
        try revoke(key)
        _ = try restore(comparing: store)
        let new = try Store(opening: target)
        _ = try new.administration.enable([#require(Handle("ada"))], by: TemporaryStore.act)
        #expect(try active(in: new).isEmpty)
    }

    @Test func `a key that was revoked since can't be given a new end`() throws {
        let key = try store.issueKey(life: 60)
        try backUp()
        try revoke(key)
        let later = AuditContext(actor: "root@desk", date: TemporaryStore.now + 3600)
        let none = CancellationFlag()
        _ = try SQLiteDatabase.restore(
            backup,
            to: target,
            comparingWith: store.file,
            keepsActive: false,
            by: later,
            none
        )
        #expect(try active(in: Store(opening: target)).isEmpty)
    }

    @Test func `vending that was stopped since stays stopped`() throws {
        try backUp()
        _ = try store.administration.pause(by: TemporaryStore.act)
        _ = try restore(comparing: store)
        let new = try Store(opening: target)
        #expect(try new.lists.pausedSince() == TemporaryStore.now)
        #expect(try new.rows("SELECT kind FROM records ORDER BY sequence DESC LIMIT 2").last == "\"vending_paused\"")
    }

    @Test func `someone who is enabled again works with the keys of then`() throws {
        let key = try store.issueKey()
        try backUp()
        _ = try restore()
        let new = try Store(opening: target)
        _ = try new.administration.enable([#require(Handle("ada"))], by: TemporaryStore.act)
        #expect(try active(in: new) == [key])
    }

    @Test
    func `researchers whom it disabled are distinct from those whom an operator disabled, and are enabled together`()
        throws
    {
        for handle in ["bob", "cleo", "dora"] {
            try store.addAda(handle)
            _ = try store.issueKey(to: handle)
        }
        _ = try store.administration.disable(#require(Handle("dora")), reason: "left", by: TemporaryStore.act)
        try backUp()
        let later = AuditContext(actor: "root@desk", date: TemporaryStore.now + 60)
        _ = try SQLiteDatabase.restore(
            backup,
            to: target,
            comparingWith: nil,
            keepsActive: false,
            by: later,
            CancellationFlag()
        )
        let new = try Store(opening: target)
        let disabled = try new.lists.researchersDisabledByRestore(at: later.date).map(\.researcher.handle)
        #expect(disabled.map(\.description) == ["bob", "cleo"])
        let found = try new.administration.enable(disabled, by: later)
        #expect(found == [.done(researcher: "bob", liveUntil: nil), .done(researcher: "cleo", liveUntil: nil)])
        #expect(try new.lists.researchersDisabledByRestore(at: later.date).isEmpty)
        #expect(try new.rows("SELECT count(*) FROM records WHERE kind = 'researcher_enabled'") == ["2"])
    }

    @Test func `keys that could not be used anyway are left as they are`() throws {
        _ = try store.issueKey(life: 60)
        let canary = try store.issueKey(label: "canary")
        try store.write { db in
            try db.execute(sql: "UPDATE keys SET expires_at = created_at + 1 WHERE label IS NULL")
            try db.edit("UPDATE keys SET canary = 1 WHERE label = 'canary'")
        }
        try backUp()
        let later = AuditContext(actor: "root@desk", date: TemporaryStore.now + 3600)
        let restored = try SQLiteDatabase.restore(
            backup,
            to: target,
            comparingWith: nil,
            keepsActive: false,
            by: later,
            CancellationFlag()
        )
        #expect(restored.keys.isEmpty)
        #expect(try active(in: Store(opening: target)).contains(canary))
    }

    @Test func `another database is no measure`() throws {
        try backUp()
        let elsewhere = TemporaryStore()
        let other = try elsewhere.file()
        try other.addAda("grace")
        try other.addAda("ada")
        #expect(throws: StoreError.unrelated(path: elsewhere.path)) { try restore(comparing: other) }
        #expect(!FileManager.default.fileExists(atPath: target))
    }

    @Test func `an existing database is not replaced`() throws {
        try backUp()
        _ = try restore()
        #expect(throws: StoreError.exists(path: target)) { try restore() }
    }

    @Test(arguments: ["-wal", "-shm"])
    func `a log that was left behind would be mixed in, so it is refused`(_ suffix: String) throws {
        try backUp()
        try FileManager.default.createDirectory(atPath: place.folder + "/new", withIntermediateDirectories: true)
        try Data([1]).write(to: URL(filePath: target + suffix))
        #expect(throws: StoreError.logLeft(path: target + suffix)) { try restore() }
    }

    @Test func `a backup with a log beside it is not whole`() throws {
        try backUp()
        try Data([1]).write(to: URL(filePath: backup.string + "-wal"))
        #expect(throws: StoreError.logLeft(path: backup.string + "-wal")) { try restore() }
    }

    @Test func `a damaged backup is refused, and leaves nothing`() throws {
        for _ in 1...40 { _ = try store.issueKey() }
        try backUp()
        var bytes = try Data(contentsOf: URL(filePath: backup.string))
        // The middle of the file: somewhere in a table or an index.
        for index in (bytes.count / 2)..<(bytes.count / 2 + 8192) { bytes[index] = 0x5A }
        try bytes.write(to: URL(filePath: backup.string))
        #expect(throws: StoreError.self) { try restore() }
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.folder + "/new").isEmpty)
    }

    @Test func `a backup whose records were edited is refused`() throws {
        _ = try store.issueKey()
        try backUp()
        try DatabaseQueue(path: backup.string).writeWithoutTransaction { db in
            try db.edit("UPDATE records SET actor = 'eve' WHERE sequence = 2")
        }
        let flaw = "record 2 doesn't follow from those before it"
        #expect(throws: StoreError.damaged(path: backup.string, flaw: flaw)) { try restore() }
    }

    @Test func `something else than a backup is refused`() throws {
        try Data(repeating: 0x41, count: 9000).write(to: URL(filePath: backup.string))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: backup.string)
        #expect(throws: StoreError.notOurs(path: backup.string)) { try restore() }
        let missing = FilePath(place.folder + "/none")
        #expect(throws: StoreError.missing(path: missing.string)) {
            try SQLiteDatabase.restore(
                missing,
                to: target,
                comparingWith: nil,
                keepsActive: false,
                by: TemporaryStore.act,
                CancellationFlag()
            )
        }
    }

    @Test func `a backup of a newer version is refused`() throws {
        try backUp()
        try DatabaseQueue(path: backup.string).writeWithoutTransaction { db in
            try db.execute(sql: "INSERT INTO grdb_migrations VALUES ('99: from the future')")
        }
        #expect(throws: StoreError.newer(path: backup.string)) { try restore() }
    }

    @Test func `today's vends still count after it`() async throws {
        let key = try store.issueKey()
        let recorder = Recorder(database: store.database, now: { TemporaryStore.now })
        for number in 1...3 { _ = try await recorder.record(try await store.vend(key, number)) }
        try backUp()
        _ = try restore(keepsActive: true)
        let new = try Store(opening: target)
        let use = try await Recorder(database: new.database, now: { TemporaryStore.now }).record(
            try await new.vend(key, 4)
        )
        #expect(use.count == 4)
    }
}
