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

@Suite struct BackupTests {
    private let place = TemporaryStore()
    private let store: Store
    private var copy: FilePath { FilePath(place.folder + "/copy.sqlite") }

    init() throws {
        store = try place.file()
        try store.addAda()
    }

    private func backUp(_ interruption: CancellationFlag = CancellationFlag()) throws -> Backup {
        try store.file.backUp(to: copy, by: TemporaryStore.act, interruption)
    }

    private var files: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: place.folder).sorted() }
    }

    @Test func `the copy is one file, its owner's alone, with the record that it was made`() throws {
        _ = try store.issueKey()
        let backup = try backUp()
        #expect(try files == ["copy.sqlite", "state"])
        let mode = try FileManager.default.attributesOfItem(atPath: copy.string)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let copied = try Store(opening: copy.string)
        #expect(
            try copied.rows("SELECT kind FROM records ORDER BY sequence DESC LIMIT 1") == ["\"database_backed_up\""]
        )
        #expect(try copied.audit.chainHead().sequence == backup.sequence)
        #expect(try store.audit.chainHead().sequence == backup.sequence + 1, "that it was finished is on record, too")
        #expect(try copied.audit.firstBrokenRecord() == nil)
        #expect(try copied.lists.keys().count == 1)
    }

    @Test func `it is one state of the database, while vends go on`() async throws {
        let id = try store.issueKey()
        let recorder = Recorder(database: store.database, now: { TemporaryStore.now })
        let end = CancellationFlag()
        let vending = Task { [store] in
            var number = 0
            while !end.isRequested, number < 9000 {
                number += 1
                _ = try await recorder.record(try await store.vend(id, number))
            }
            return number
        }
        while try store.audit.chainHead().sequence < 20 { await Task.yield() }
        let backup = try backUp()
        end.request()
        let vends = try await vending.value
        #expect(try store.audit.chainHead().sequence == Int64(vends + 4), "no vend was lost for it")
        let copied = try Store(opening: copy.string)
        #expect(try copied.audit.chainHead().sequence == backup.sequence)
        for check in DatabaseCheck.allCases { #expect(try copied.upkeep.firstFlaw(check) == nil) }
    }

    @Test func `a file that is there is not replaced, and nothing is recorded`() throws {
        try Data("mine".utf8).write(to: URL(filePath: copy.string))
        let before = try store.audit.chainHead().sequence
        #expect(throws: StoreError.exists(path: copy.string)) { try backUp() }
        #expect(try Data(contentsOf: URL(filePath: copy.string)) == Data("mine".utf8))
        #expect(try store.audit.chainHead().sequence == before)
    }

    @Test func `of several to one name at once, one is made, and nothing of the others stays`() async throws {
        let outcomes = await withTaskGroup(of: (any Error)?.self) { group in
            for _ in 0..<4 {
                group.addTask { [store, copy] in
                    do {
                        _ = try store.file.backUp(to: copy, by: TemporaryStore.act, CancellationFlag())
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            return await group.reduce(into: [(any Error)?]()) { $0.append($1) }
        }
        let refusals = outcomes.compactMap { $0 as? StoreError }
        #expect(refusals == Array(repeating: .exists(path: copy.string), count: 3))
        #expect(try files == ["copy.sqlite", "state"])
        #expect(try Store(opening: copy.string).audit.firstBrokenRecord() == nil)
    }

    @Test func `a link that leads nowhere is not replaced either`() throws {
        try FileManager.default.createSymbolicLink(atPath: copy.string, withDestinationPath: "nowhere")
        #expect(throws: StoreError.exists(path: copy.string)) { try backUp() }
    }

    @Test func `one that is stopped leaves no file, and doesn't count as made`() throws {
        let interruption = CancellationFlag()
        interruption.request()
        #expect(throws: StoreError.interrupted) { try backUp(interruption) }
        #expect(try files == ["state"])
        #expect(try store.upkeep.facts(at: TemporaryStore.now).lastBackup == nil)
        #expect(try store.audit.firstBrokenRecord() == nil)
    }

    @Test func `one whose process was killed doesn't count as made`() throws {
        _ = try backUp()
        let later = AuditContext(actor: "root@desk", date: TemporaryStore.now + 86_400)
        try store.write { db in
            try later.record(.databaseBackedUp, detail: BackupRecord.begun, in: db.transaction)
        }
        #expect(try store.upkeep.facts(at: TemporaryStore.now).lastBackup == TemporaryStore.now)
    }

    @Test func `one that failed takes back itself and no other`() throws {
        let earlier = AuditContext(actor: "root@desk", date: TemporaryStore.now - 86_400)
        _ = try store.file.backUp(to: FilePath(place.folder + "/earlier.sqlite"), by: earlier, CancellationFlag())
        let interruption = CancellationFlag()
        interruption.request()
        #expect(throws: StoreError.interrupted) { try backUp(interruption) }
        #expect(try store.upkeep.facts(at: TemporaryStore.now).lastBackup == earlier.date)
    }

    @Test func `a folder that isn't there is refused`() {
        let nowhere = FilePath(place.folder + "/none/copy.sqlite")
        #expect(throws: StoreError.notPermitted(path: nowhere.string)) {
            try store.file.backUp(to: nowhere, by: TemporaryStore.act, CancellationFlag())
        }
    }
}
