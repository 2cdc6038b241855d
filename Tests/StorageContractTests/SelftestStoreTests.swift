import BursarFoundation
import BursarModel
import StorageTestSupport
import Testing
import Vending

@testable import Storage

@Suite struct SelftestStoreTests {
    private let place = TemporaryStore()
    private let store: Store
    private let handle: Handle

    init() async throws {
        store = try await place.made()
        try store.addAda()
        handle = try #require(Handle("selftest-1"))
    }

    private func key(life: TimeInterval = 3600, created: Date = TemporaryStore.now) throws -> SelftestKey {
        let (key, hash) = try cheapKey()
        return SelftestKey(id: key.id, hash: hash, created: created, expires: created + life)
    }

    @Test func `its key works as any other, and its vends are in no total`() async throws {
        let key = try key()
        #expect(try store.administration.addSelftest(handle, keys: [key], by: TemporaryStore.act))
        let recorder = Recorder(database: store.database, now: { TemporaryStore.now })
        #expect(try await recorder.record(try await store.vend(key.id)).count == 1)
        #expect(try store.rows("SELECT * FROM usage_totals").isEmpty)
        let facts = try store.upkeep.facts(at: TemporaryStore.now)
        #expect([facts.researchers, facts.keys] == [1, 0])
        for check in DatabaseCheck.allCases { #expect(try store.upkeep.firstFlaw(check) == nil) }
    }

    @Test func `a key can have ended before it is stored`() async throws {
        let key = try key(created: TemporaryStore.now - 7200)
        #expect(try store.administration.addSelftest(handle, keys: [key], by: TemporaryStore.act))
        let record = try #require(try await store.directory.key(key.id)).record
        #expect(record.refusal(at: TemporaryStore.now) == .keyExpired)
    }

    @Test func `at the end nothing of it works, and ada's keys do`() throws {
        let hers = try store.issueKey()
        #expect(try store.administration.addSelftest(handle, keys: [try key(), try key()], by: TemporaryStore.act))
        try store.administration.endSelftests([handle], by: TemporaryStore.act)
        #expect(try store.lists.keys().filter { $0.revoked == nil }.map(\.id) == [hers])
        #expect(try store.rows("SELECT handle FROM researchers WHERE disabled_at IS NULL") == ["\"ada\""])
        #expect(try store.audit.firstBrokenRecord() == nil)
    }

    @Test func `one that was killed is ended by the next, one that is at work isn't`() throws {
        #expect(try store.administration.addSelftest(handle, keys: [try key()], by: TemporaryStore.act))
        try store.administration.endSelftests([], by: TemporaryStore.act)
        #expect(try store.rows("SELECT count(*) FROM keys WHERE revoked_at IS NULL") == ["1"])
        try store.administration.endSelftests([], by: AuditContext(actor: "root@desk", date: TemporaryStore.now + 3600))
        #expect(try store.rows("SELECT count(*) FROM keys WHERE revoked_at IS NULL") == ["0"])
    }

    @Test func `no researcher's key or researcher can be ended by it`() throws {
        let hers = try store.issueKey()
        let ada = try #require(Handle("ada"))
        try store.administration.revokeSelftest(hers, by: TemporaryStore.act)
        try store.administration.disableSelftest(ada, by: TemporaryStore.act)
        try store.administration.endSelftests([ada], by: TemporaryStore.act)
        #expect(try store.lists.keys().map(\.revoked) == [nil])
        #expect(try store.rows("SELECT disabled_at FROM researchers") == ["NULL"])
        #expect(try store.administration.addSelftest(ada, keys: [], by: TemporaryStore.act) == false)
    }
}
