import BursarFoundation
import GRDB
import StorageTestSupport
import Testing

@testable import SQLiteStore
@testable import Storage

/// The write-ahead log, moved on beside the vends.
@Suite struct CheckpointTests {
    private let place = TemporaryStore()
    private let store: Store

    init() throws {
        store = try place.file()
        try store.addAda()
        try store.database.beginServing()
    }

    private func write(bytes: Int) throws {
        for _ in 0..<(bytes / (1 << 20)) {
            try store.write { db in try db.execute(sql: "UPDATE probe SET filler = randomblob(1048576)") }
        }
    }

    @Test func `a commit leaves the log alone`() throws {
        try write(bytes: 8 << 20)
        #expect(store.file.logSize > 8 << 20)
        let moved = try store.pool.writeWithoutTransaction { db in
            try Row.fetchOne(db, sql: "PRAGMA wal_autocheckpoint")?[0] as Int64?
        }
        #expect(moved == 0)
    }

    @Test func `a log that is moved on starts again from its beginning, so it doesn't grow`() throws {
        for _ in 0..<6 {
            try write(bytes: 20 << 20)
            try store.database.maintain()
        }
        #expect(store.file.logSize < 64 << 20)
        #expect(try store.audit.firstBrokenRecord() == nil)
    }

    @Test func `a log is not moved into a file that was put in its place`() throws {
        try write(bytes: 8 << 20)
        try FileManager.default.moveItem(atPath: place.path, toPath: place.path + ".away")
        _ = FileManager.default.createFile(atPath: place.path, contents: nil)
        #expect(throws: StoreError.replaced(path: place.path)) { try store.database.maintain() }
        #expect(throws: StoreError.replaced(path: place.path)) { try store.audit.chainHead() }
    }
}
