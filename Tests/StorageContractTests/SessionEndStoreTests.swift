import BursarFoundation
import BursarModel
import StorageTestSupport
import Testing
import Vending

@testable import Storage

/// A researcher's sessions made void, in the same file that a server vends from.
@Suite struct SessionEndStoreTests {
    private let place = TemporaryStore()
    private let store: Store
    private let recorder: Recorder
    private let ada: Handle

    init() async throws {
        store = try await place.made()
        try store.addAda()
        recorder = Recorder(database: store.database, now: { TemporaryStore.now })
        ada = try #require(Handle("ada"))
    }

    private func end(_ keys: [KeyID]? = nil, from seconds: TimeInterval = 5) throws -> EndedSessions? {
        try store.administration.endSessions(of: ada, keys: keys, by: TemporaryStore.act) {
            TemporaryStore.now + seconds
        }
    }

    @Test func `a vend under way when sessions end is refused at its commit`() async throws {
        let vend = try await store.vend(try store.issueKey())
        #expect(try end()?.validFrom == TemporaryStore.now + 5)
        await #expect(throws: AuditLogError.self) { try await recorder.record(vend) }
        #expect(try store.rows("SELECT count(*) FROM records WHERE kind = 'vend'") == ["0"])
    }

    @Test func `who ended whose sessions, and from when new ones are good, is on record`() throws {
        let handle = try #require(Handle("ADA"))
        let ended = try store.administration.endSessions(of: handle, by: TemporaryStore.act) { TemporaryStore.now + 5 }
        #expect(ended?.researcher == "ada" && ended?.retained == [] && ended?.liveUntil == nil)
        let record =
            "SELECT kind || '|' || researcher || '|' || actor || '|' || detail FROM records WHERE kind LIKE 's%'"
        #expect(try store.rows(record) == ["\"sessions_ended|ada|root@desk|valid from 2026-01-02T03:04:10Z\""])
        #expect(try store.audit.firstBrokenRecord() == nil)
        #expect(
            try store.administration.endSessions(of: #require(Handle("bob")), by: TemporaryStore.act) { .now } == nil
        )
    }

    @Test func `it isn't set back while another operator is at it, and is after a clock was`() throws {
        _ = try end(from: 20)
        #expect(try end(from: 5)?.validFrom == TemporaryStore.now + 20)
        _ = try end(from: 3600)
        #expect(try end(from: 5)?.validFrom == TemporaryStore.now + 5)
    }

    @Test func `one key's end spares the others that work, and holds nobody up`() async throws {
        let (one, two, gone, old) = (
            try store.issueKey(), try store.issueKey(), try store.issueKey(), try store.issueKey()
        )
        let past = "UPDATE keys SET created_at = 1, expires_at = 2 WHERE id = ?"
        try store.change(past, [old.description])
        _ = try await recorder.record(try await store.vend(one))
        _ = try store.administration.revoke([gone, one], reason: "lost", by: TemporaryStore.act)
        let vend = try await store.vend(two)
        let ended = try #require(try end([one]))
        #expect(ended.retained == [two.description] && !ended.retained.contains(old.description))
        #expect(ended.liveUntil == TemporaryStore.now + 3600)
        _ = try await recorder.record(vend)
        #expect(try store.rows("SELECT sessions_valid_from FROM researchers") == ["NULL"])
    }

    @Test func `researchers with live sessions are listed with the latest expiry`() async throws {
        #expect(try store.lists.liveSessions(at: TemporaryStore.now) == [])
        _ = try await recorder.record(try await store.vend(try store.issueKey()))
        _ = try end()
        let live = try #require(try store.lists.liveSessions(at: TemporaryStore.now).first)
        #expect(live.researcher == "ada" && live.keys == 1 && live.projects == ["engines"])
        #expect(live.liveUntil == TemporaryStore.now + 3600 && live.validFrom == TemporaryStore.now + 5)
        #expect(try store.lists.liveSessions(at: TemporaryStore.now + 3600) == [])
    }

    @Test func `the last vend has its own expiry, beside that of an older one which outlives it`() async throws {
        let id = try store.issueKey()
        let (record, revision) = try #require(try await store.directory.key(id))
        for (number, life) in [(1, 7200.0), (2, 900.0)] {
            let vend = Vend(
                key: record,
                revision: revision,
                dailyLimit: 10,
                address: try #require(IPAddress("192.0.2.1")),
                accessKeyID: "ASIAEXAMPLE\(number)",
                expiration: TemporaryStore.now + life,
                requestID: "r\(number)"
            )
            _ = try await recorder.record(vend)
        }
        let key = try #require(try store.lists.key(id))
        let last = try #require(try store.lists.lastVends(of: [key])[id])
        #expect(last.accessKeyID == "ASIAEXAMPLE2" && last.expires == TemporaryStore.now + 900)
        #expect(last.liveUntil == TemporaryStore.now + 7200)
    }
}
