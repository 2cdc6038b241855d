import BursarFoundation
import BursarModel
import StorageTestSupport
import Testing
import Vending

@testable import Storage

/// Records leave in their order, page by page.
@Suite struct ExportTests {
    private let place = TemporaryStore()
    private let store: Store
    private let key: KeyID

    init() async throws {
        store = try await place.made()
        try store.addAda()
        key = try store.issueKey(life: 100 * 86_400)
    }

    private func day(_ number: Int) -> Date { TemporaryStore.now.addingTimeInterval(TimeInterval(number) * 86_400) }

    private func vend(onDay number: Int, times count: Int = 1) async throws {
        let vend = try await store.vend(key)
        _ = try store.database.write { db in
            try VendBatch(Array(repeating: vend, count: count), at: day(number)).write(to: db).outcomes.map {
                try $0.get()
            }
            .count
        }
    }

    private func export(_ scope: ExportScope, page: Int64 = 4) throws -> [ExportedRecord] {
        let range = try store.audit.exportRange(scope)
        return try stride(from: range.lowerBound, to: range.upperBound, by: Int(page)).flatMap { start in
            try #require(try store.audit.exportPage(start..<min(start + page, range.upperBound), scope))
        }
    }

    @Test func `every field of the chain leaves`() async throws {
        try await vend(onDay: 0)
        let records = try export(ExportScope(from: nil, until: nil, researcher: nil, kind: nil))
        #expect(records.map(\.kind) == ["researcher_added", "key_issued", "vend"])
        #expect(records.map(\.sequence) == [1, 2, 3])
        let vend = try #require(records.last)
        #expect(vend.occurred == "2026-01-02T03:04:05.000Z")
        #expect(vend.keyID == key.description && vend.researcher == "ada" && vend.address == "192.0.2.1")
        #expect(vend.accessKeyID == "ASIAEXAMPLE1" && vend.expires == "2026-01-02T04:04:05.000Z")
        #expect(vend.hash == (try store.audit.chainHead().hash))
        #expect(records[0].actor == "root@desk")
    }

    @Test func `a range of days holds what happened in it, also what was written late`() async throws {
        try await vend(onDay: 1, times: 3)
        try await vend(onDay: 3, times: 5)
        // Written after what came later, as refusals are.
        try await vend(onDay: 2, times: 2)
        try await vend(onDay: 6, times: 7)
        let days = try export(ExportScope(from: day(2), until: day(4), researcher: nil, kind: nil))
        #expect(days.count == 7)
        #expect(try export(ExportScope(from: day(7), until: nil, researcher: nil, kind: nil)).isEmpty)
        #expect(try export(ExportScope(from: nil, until: day(-1), researcher: nil, kind: nil)).isEmpty)
    }

    @Test func `it is narrowed to a researcher and a kind`() async throws {
        try store.addAda("bob")
        try await vend(onDay: 1, times: 3)
        #expect(
            try export(ExportScope(from: nil, until: nil, researcher: "bob", kind: nil)).map(\.kind) == [
                "researcher_added"
            ]
        )
        #expect(try export(ExportScope(from: nil, until: nil, researcher: "ada", kind: "vend")).count == 3)
    }

    @Test func `what was pruned meanwhile is missed, not passed over`() async throws {
        try await vend(onDay: 1, times: 9)
        let scope = ExportScope(from: nil, until: nil, researcher: nil, kind: nil)
        let range = try store.audit.exportRange(scope)
        #expect(try store.audit.exportPage(1..<5, scope)?.count == 4)
        _ = try store.upkeep.pruneStep(upTo: 6, before: day(5), count: 6)
        #expect(try store.audit.exportPage(5..<range.upperBound, scope) == nil)
        #expect(try store.audit.exportRange(scope).lowerBound == 7)
    }

    @Test func `that it left is on record, with what it was narrowed to`() throws {
        let scope = ExportScope(from: day(0), until: day(1), researcher: "ada", kind: "vend")
        try store.audit.recordExport(1..<3, scope, by: TemporaryStore.act)
        #expect(
            try store.rows("SELECT researcher, detail FROM records WHERE kind = 'records_exported'") == [
                "\"ada\" \"records 1 to 2, from 2026-01-02T03:04:05Z, before 2026-01-03T03:04:05Z, vend only\""
            ]
        )
        #expect(try store.audit.firstBrokenRecord() == nil)
    }
}
