import BursarFoundation
import BursarModel
import GRDB
import StorageTestSupport
import Testing
import Vending

@testable import SQLiteStore
@testable import Storage

/// The remains of a write-ahead log after power loss: any beginning of it.
@Suite struct WALCutTests {
    private let place = TemporaryStore()
    private let store: Store

    init() throws {
        store = try place.file()
        try store.addAda()
    }

    /// The database as it stands on disk, and its log.
    private func files() throws -> (database: Data, log: Data) {
        (
            try Data(contentsOf: URL(filePath: place.path)), try Data(contentsOf: URL(filePath: place.path + "-wal"))
        )
    }

    /// Opens what a crash would leave, checks it, and returns how many records it has, and how many of them are vends.
    private func recovered(_ database: Data, _ log: Data, as name: String) async throws -> (records: Int, vends: Int) {
        let path = place.folder + "/state/\(name).sqlite"
        for (file, bytes) in [(path, database), (path + "-wal", log)] {
            try bytes.write(to: URL(filePath: file))
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
        }
        let cut = try Store(opening: path)
        #expect(try cut.rows("PRAGMA integrity_check") == ["\"ok\""], "\(name)")
        #expect(try cut.audit.firstBrokenRecord() == nil, "\(name)")
        let records = try cut.rows("SELECT hash FROM records ORDER BY sequence")
        #expect(
            try records.elementsEqual(store.rows("SELECT hash FROM records ORDER BY sequence").prefix(records.count))
        )
        let vends = try cut.rows("SELECT count(*) FROM records WHERE kind = 'vend'")
        #expect(try cut.rows("SELECT coalesce(sum(count), 0) FROM usage_daily") == vends, "\(name)")
        #expect(try cut.rows("SELECT coalesce(sum(count), 0) FROM usage_networks") == vends, "\(name)")
        return (records.count, vends.first.flatMap { Int($0) } ?? -1)
    }

    @Test func `a log cut at or within any frame leaves a beginning of the record, whole and linked`() async throws {
        let ids = [try store.issueKey(), try store.issueKey()]
        let pool = store.pool
        try await pool.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
        let recorder = Recorder(database: store.database, now: { TemporaryStore.now })
        var ends: [Int] = []
        for number in 0..<12 {
            try await recorder.record(try await store.vend(ids[number % 2], number, from: "10.0.\(number).1"))
            ends.append(try files().log.count)
            if number == 5 { _ = try store.issueKey() }
        }
        let (database, log) = try files()
        let pageSize = log[8..<12].reduce(0) { $0 << 8 | Int($1) }
        let frame = 24 + pageSize
        let frames = (log.count - 32) / frame
        #expect(frames > 12 && frames < 400)
        var last = 3
        for count in 0...frames {
            let length = 32 + count * frame
            let whole = try await recovered(database, log.prefix(length), as: "cut-\(count)")
            #expect(whole.records >= last, "frame \(count)")
            #expect(whole.vends == ends.count { $0 <= length }, "frame \(count)")
            last = whole.records
            guard count < frames, count % 7 == 0 else { continue }
            let torn = try await recovered(database, log.prefix(length + frame / 2), as: "torn-\(count)")
            #expect(torn == whole, "within frame \(count + 1)")
        }
        #expect(last == 16)
        let headless = try await recovered(database, log.prefix(17), as: "headless")
        #expect(headless == (3, 0))
    }

    @Test func `a log with a flipped bit is taken up to it`() async throws {
        let id = try store.issueKey()
        let pool = store.pool
        try await pool.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
        let recorder = Recorder(database: store.database, now: { TemporaryStore.now })
        var ends = [0]
        for number in 0..<6 {
            try await recorder.record(try await store.vend(id, number))
            ends.append(try files().log.count)
        }
        let (database, log) = try files()
        for place in stride(from: 40, to: log.count, by: log.count / 10) {
            var damaged = log
            damaged[place] ^= 0x10
            let vends = try await recovered(database, damaged, as: "flipped-\(place)").vends
            #expect(vends == ends.lastIndex { $0 <= place })
        }
    }

    @Test func `the server goes on over what was recovered`() async throws {
        let id = try store.issueKey()
        let recorder = Recorder(database: store.database, now: { TemporaryStore.now })
        for number in 0..<3 { try await recorder.record(try await store.vend(id, number)) }
        let (database, log) = try files()
        let (records, vends) = try await recovered(database, log.dropLast(4096), as: "again")
        let again = try Store(opening: place.folder + "/state/again.sqlite")
        let second = Recorder(database: again.database, now: { TemporaryStore.now })
        #expect(try await second.record(try await again.vend(id)).count == vends + 1)
        #expect(try again.audit.chainHead().sequence == Int64(records + 1))
        #expect(try again.audit.firstBrokenRecord() == nil)
    }
}
