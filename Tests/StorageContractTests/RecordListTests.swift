import BursarFoundation
import BursarModel
import StorageTestSupport
import Testing

@testable import Storage

/// Records as `admin audit list` asks for them.
@Suite struct RecordListTests {
    private static let start: Int64 = 1_767_323_045_000
    private let place = TemporaryStore()

    /// Sixty records, a minute apart: each tenth is what ada@desk or root@desk did, each seventh a refusal.
    private func made() async throws -> Store {
        let store = try await place.made()
        try store.database.write { db in
            var chain = try Chain.current(db)
            for number in 1...60 {
                let isAction = number.isMultiple(of: 10)
                let kind: RecordEntry.Kind = isAction ? .keyIssued : number.isMultiple(of: 7) ? .refusal : .vend
                var entry = RecordEntry(kind: kind, occurred: Self.start + Int64(number) * 60_000)
                entry.researcher = number.isMultiple(of: 2) ? "ada" : "bob"
                entry.keyID = number.isMultiple(of: 3) ? "7c3kq9x2mzpa" : "000000000000"
                if isAction { entry.actor = number.isMultiple(of: 20) ? "ada@desk" : "root@desk" }
                if kind == .vend { entry.accessKeyID = "ASIA\(number)" }
                try chain.append(entry, to: db)
            }
        }
        return store
    }

    private func sequences(_ store: Store, limit: Int = 100, _ change: (inout RecordFilter) -> Void) throws -> [Int64] {
        var filter = RecordFilter()
        change(&filter)
        return try store.audit.records(filter, limit: limit).map(\.sequence)
    }

    @Test func `the newest come first, as many as are asked for`() async throws {
        let store = try await made()
        #expect(try sequences(store, limit: 3) { _ in } == [60, 59, 58])
    }

    @Test func `an empty record has no lines`() async throws {
        #expect(try sequences(await place.made()) { _ in }.isEmpty)
    }

    @Test func `operators' actions are found by their index`() async throws {
        let store = try await made()
        #expect(try sequences(store) { $0.isActionsOnly = true } == [60, 50, 40, 30, 20, 10])
        #expect(try sequences(store) { $0.actor = "ada" } == [60, 40, 20])
        #expect(try sequences(store) { $0.actor = "root@desk" } == [50, 30, 10])
        for other in ["ad_", "ad", "ADA", "Root@desk", "root@des", "%"] {
            #expect(try sequences(store) { $0.actor = other }.isEmpty, "\(other)")
        }
        #expect(try sequences(store, limit: 2) { $0.kinds = ["key_issued"] } == [60, 50])
    }

    @Test func `researcher, key and kind narrow the list`() async throws {
        let store = try await made()
        let ada = try #require(Handle("ADA"))
        #expect(try sequences(store, limit: 2) { $0.researcher = ada } == [60, 58])
        for key in ["7c3", "7C3"] { #expect(try sequences(store, limit: 2) { $0.key = key } == [60, 57]) }
        for key in ["7_3", "%", "c3"] { #expect(try sequences(store) { $0.key = key }.isEmpty, "\(key)") }
        #expect(try sequences(store) { $0.kinds = ["refusal"] } == [56, 49, 42, 35, 28, 21, 14, 7])
    }

    @Test func `a range of time is held to the millisecond`() async throws {
        let store = try await made()
        let times = try sequences(store) { filter in
            filter.since = Date(milliseconds: Self.start + 10 * 60_000)
            filter.until = Date(milliseconds: Self.start + 13 * 60_000)
        }
        #expect(times == [12, 11, 10])
    }

    @Test func `a record that was written late is found by its own time`() async throws {
        let store = try await made()
        try store.database.write { db in
            var chain = try Chain.current(db)
            try chain.append(RecordEntry(kind: .refusal, occurred: Self.start + 30 * 60_000), to: db)
        }
        let found = try sequences(store) { filter in
            filter.since = Date(milliseconds: Self.start + 30 * 60_000)
            filter.until = Date(milliseconds: Self.start + 30 * 60_000 + 1)
        }
        #expect(found == [61, 30])
    }

    @Test func `a year away from everything nothing is read`() async throws {
        let store = try await made()
        var filter = RecordFilter()
        filter.since = Date(milliseconds: Self.start + 365 * 86_400_000)
        #expect(try store.audit.recordsToRead(filter) == 0)
        filter.since = nil
        #expect(try store.audit.recordsToRead(filter) == 60)
    }

    @Test func `vends of a range come oldest first, and nothing else does`() async throws {
        var found: [Int64] = []
        try await made().audit.vends(
            since: Date(milliseconds: Self.start + 5 * 60_000),
            until: Date(milliseconds: Self.start + 9 * 60_000)
        ) { found.append($0.sequence) }
        #expect(found == [5, 6, 8, 9])
    }
}
