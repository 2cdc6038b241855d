import BursarFoundation
import BursarModel
import StorageTestSupport
import Testing
import Vending

@testable import Storage

@Suite struct KeysTests {
    private let place = TemporaryStore()
    private let store: Store

    init() async throws {
        store = try await place.made()
        try store.addAda()
    }

    @Test func `a handle is taken once, whatever the case of its letters`() throws {
        let other = Researcher(handle: try #require(Handle("ADA")), name: "A", email: "a@b", project: "p")
        #expect(try !store.administration.add(other, by: TemporaryStore.act))
        #expect(try store.lists.researchers().count == 1)
    }

    @Test func `a key for nobody is not stored`() throws {
        let (key, hash) = try cheapKey()
        let nobody = try #require(Handle("nobody"))
        let end = TemporaryStore.now.addingTimeInterval(60)
        let researcher = try store.administration.add(
            NewKey(
                id: key.id,
                hash: hash,
                researcher: nobody,
                label: nil,
                expires: end
            ),
            by: TemporaryStore.act
        )
        #expect(researcher == nil)
        #expect(try store.lists.keys().isEmpty)
    }

    @Test func `a key is found by its id, with its researcher's state`() async throws {
        let id = try store.issueKey()
        let found = try #require(try await store.directory.key(id))
        #expect(found.record.researcher.description == "ada")
        #expect(found.record.revoked == nil)
        #expect(found.record.version == found.revision)
        #expect(try await store.directory.key(try #require(KeyID("zzzzzzzzzzzz"))) == nil)
    }

    @Test func `what a server must obey moves the revision and names the key`() async throws {
        let id = try store.issueKey()
        let other = try store.issueKey()
        let before = try await store.directory.changes(since: 0).revision
        #expect(try await store.directory.changes(since: before).keys.isEmpty)
        _ = try store.administration.revokeKey(id, reason: "lost", by: TemporaryStore.act)
        let changes = try await store.directory.changes(since: before)
        #expect(changes.revision > before)
        #expect(changes.keys == [id])
        try store.change("UPDATE researchers SET disabled_at = 1")
        #expect(Set(try await store.directory.changes(since: changes.revision).keys) == [id, other])
    }

    @Test func `revoking tells whose key it was and until when its credentials live`() async throws {
        let id = try store.issueKey()
        let recorder = Recorder(database: store.database, now: { TemporaryStore.now })
        try await recorder.record(try await store.vend(id))
        let end = TemporaryStore.now.addingTimeInterval(3600)
        #expect(
            try store.administration.revokeKey(id, reason: "lost", by: TemporaryStore.act)
                == .revoked(researcher: "ada", liveUntil: end)
        )
        #expect(
            try store.administration.revokeKey(id, reason: "again", by: AuditContext(actor: "root@desk", date: end))
                == .alreadyRevoked(at: TemporaryStore.now)
        )
        #expect(
            try store.administration.revokeKey(
                try #require(KeyID("zzzzzzzzzzzz")),
                reason: "",
                by: AuditContext(actor: "root@desk", date: end)
            )
                == .unknown
        )
        #expect(try store.lists.keys().first?.revokedReason == "lost")
    }

    @Test(arguments: [
        "UPDATE keys SET revoked_at = NULL", "DELETE FROM keys", "UPDATE records SET researcher = 'eve'",
        "DELETE FROM records",
        "INSERT INTO records SELECT 9223372036854775807, kind, 0, '', '', '', '', 0, '', hash FROM records",
        "INSERT INTO usage_daily SELECT 1, id, 'vended', 9223372036854775807, 0 FROM keys",
        "UPDATE keys SET researcher = 'nobody'", "UPDATE keys SET hash = 'plain'", "UPDATE keys SET expires_at = 0",
    ])
    func `the schema refuses what must never happen`(_ sql: String) throws {
        let id = try store.issueKey()
        _ = try store.administration.revokeKey(id, reason: "lost", by: TemporaryStore.act)
        #expect(throws: (any Error).self) { try store.change(sql) }
    }
}
