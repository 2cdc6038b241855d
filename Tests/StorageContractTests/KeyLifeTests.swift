import BursarFoundation
import BursarModel
import StorageTestSupport
import Testing
import Vending

@testable import Storage

/// Changing, rotating and revoking keys, each in one transaction.
@Suite struct KeyLifeTests {
    private struct Refused: Error {}

    private let place = TemporaryStore()
    private let store: Store
    private let now = TemporaryStore.now

    init() async throws {
        store = try await place.made()
        try store.addAda()
    }

    private func details(_ kind: String) throws -> [String] {
        try store.rows("SELECT detail FROM records WHERE kind = '\(kind)' ORDER BY sequence")
    }

    @Test func `what is named changes, what is cleared goes, the rest stays`() async throws {
        let id = try store.issueKey(
            label: "old",
            terms: KeyRestrictions(dailyLimit: 5, rate: RequestRate(perSecond: 2))
        )
        var change = KeyChange()
        change.label = .set("new")
        change.dailyLimit = .clear
        change.allowed = .set(try AddressList(parsing: "192.0.2.0/24"))
        #expect(try store.administration.update(id, change, by: TemporaryStore.act) { _, _ in } == "ada")
        let key = try #require(try store.lists.key(id))
        #expect(key.label == "new")
        let expected = KeyRestrictions(
            allowed: try AddressList(parsing: "192.0.2.0/24"),
            rate: RequestRate(perSecond: 2)
        )
        #expect(try key.terms == expected)
        #expect(try details("key_updated") == ["\"label; ip 192.0.2.0/24; no daily-limit\""])
        #expect(try store.audit.firstBrokenRecord() == nil)
    }

    @Test func `a change that its check refuses leaves the key and the record as they were`() throws {
        let id = try store.issueKey(label: "old")
        var change = KeyChange()
        change.label = .set("new")
        #expect(throws: Refused.self) {
            try store.administration.update(id, change, by: TemporaryStore.act) { _, _ in throw Refused() }
        }
        #expect(try store.lists.key(id)?.label == "old")
        #expect(try details("key_updated").isEmpty)
        let unknown = try #require(KeyID("zzzzzzzzzzzz"))
        #expect(try store.administration.update(unknown, change, by: TemporaryStore.act) { _, _ in } == nil)
    }

    @Test(arguments: [(3600, 3600), (0, 0), (864_000, 86_400)] as [(TimeInterval, TimeInterval)])
    func `a rotation gives the new key the old one's terms, and never a later end to the old one`(
        overlap: TimeInterval,
        left: TimeInterval
    ) async throws {
        let old = try store.issueKey(label: "laptop", terms: KeyRestrictions(dailyLimit: 5))
        let (new, hash) = try cheapKey()
        let act = AuditContext(actor: "root@desk", date: now.addingTimeInterval(1))
        let end = now.addingTimeInterval(7 * 86_400)
        let rotation = try store.administration.rotate(old, to: new.id, hash: hash, overlap: overlap, by: act) { _ in
            end
        }
        let ends = min(now.addingTimeInterval(1 + left), now.addingTimeInterval(86_400))
        #expect(rotation?.oldEnds == ends)
        let keys = try store.lists.keys()
        let replaced = try #require(keys.first { $0.id == old })
        let replacement = try #require(keys.first { $0.id == new.id })
        #expect(replaced.replacedBy == new.id && replaced.expires == ends)
        #expect(replacement.label == "laptop" && replacement.expires == end)
        #expect(try replacement.terms == KeyRestrictions(dailyLimit: 5))
        #expect(try await store.directory.key(new.id)?.record.hash == hash)
        #expect(try store.audit.firstBrokenRecord() == nil)
    }

    @Test func `a rotation that its check refuses makes no key`() throws {
        let old = try store.issueKey()
        let (new, hash) = try cheapKey()
        #expect(throws: Refused.self) {
            try store.administration.rotate(old, to: new.id, hash: hash, overlap: 0, by: TemporaryStore.act) { _ in
                throw Refused()
            }
        }
        #expect(try store.lists.keys().map(\.id) == [old])
    }

    @Test func `several keys are revoked together, or none when one is unknown`() throws {
        let (one, two) = (try store.issueKey(), try store.issueKey())
        let unknown = try #require(KeyID("zzzzzzzzzzzz"))
        let none = try store.administration.revoke([one, unknown], reason: "lost", by: TemporaryStore.act)
        #expect(none == [.unknown, .unknown])
        #expect(try store.lists.keys().allSatisfy { $0.revoked == nil })
        let all = try store.administration.revoke([one, two, one], reason: "lost", by: TemporaryStore.act)
        #expect(all.last == .alreadyRevoked(at: now))
        #expect(try store.lists.keys().allSatisfy { $0.revoked == now && $0.revokedReason == "lost" })
        #expect(try store.rows("SELECT count(*) FROM records WHERE kind = 'key_revoked'") == ["2"])
    }

    @Test func `the last vend of a key is known, even once its record is pruned`() async throws {
        let id = try store.issueKey()
        let recorder = Recorder(database: store.database, now: { TemporaryStore.now })
        try await recorder.record(try await store.vend(id, 1))
        try await recorder.record(try await store.vend(id, 2, from: "192.0.2.9"))
        let key = try #require(try store.lists.key(id))
        let vend = try #require(try store.lists.lastVends(of: [key])[id])
        #expect(vend.accessKeyID == "ASIAEXAMPLE2" && vend.address == "192.0.2.9" && vend.date == now)
        #expect(vend.liveUntil == now.addingTimeInterval(3600))
        #expect(key.use?.vends == 2)
        try store.change(
            "UPDATE pruned SET (sequence, hash) = (SELECT sequence, hash FROM records ORDER BY 1 DESC LIMIT 1)"
        )
        try store.change("DELETE FROM records")
        let left = try #require(try store.lists.lastVends(of: [key])[id])
        #expect(left.accessKeyID == nil && left.liveUntil == vend.liveUntil)
    }

    @Test func `vends are counted by day, for the keys that are asked for`() async throws {
        let (one, two) = (try store.issueKey(), try store.issueKey())
        let day = UTCDay(containing: now)
        for (offset, key, outcome) in [(0, one, "vended"), (-1, one, "vended"), (-40, one, "vended"), (0, two, "busy")]
        {
            try store.change(
                "INSERT INTO usage_daily VALUES (?, ?, ?, 3, 0)",
                [day.number + Int64(offset), key.description, outcome]
            )
        }
        #expect(try store.lists.vends(to: [one, two], in: day...day) == 3)
        #expect(try store.lists.vends(to: [one], in: UTCDay(number: day.number - 29)...day) == 6)
        #expect(try store.lists.vends(to: [two], in: day...day) == 0)
    }

    @Test func `a key's state is the first of what keeps it from working`() throws {
        let id = try store.issueKey()
        func state(_ sql: String = "", after seconds: TimeInterval = 0) throws -> KeyStatus? {
            if !sql.isEmpty { try store.change(sql) }
            return try store.lists.key(id)?.status(at: now.addingTimeInterval(seconds))
        }
        #expect(try state() == .active)
        #expect(try state(after: 86_400) == .expired)
        let soon = now.addingTimeInterval(60).milliseconds
        #expect(try state("UPDATE researchers SET ends_at = \(soon)", after: 60) == .ended)
        #expect(try state("UPDATE researchers SET disabled_at = 1") == .disabled)
        #expect(try state("UPDATE keys SET revoked_at = 1") == .revoked)
    }

    @Test func `terms that were edited into nonsense keep no key out of the lists, nor from its revocation`() throws {
        let id = try store.issueKey()
        try store.change("UPDATE keys SET allowed = 'nonsense'")
        let key = try #require(try store.lists.keys().first)
        #expect(throws: UnreadableKeyError.self) { try key.terms }
        #expect(
            try store.administration.revokeKey(id, reason: "odd", by: TemporaryStore.act)
                == .revoked(researcher: "ada", liveUntil: nil)
        )
    }
}
