import BursarFoundation
import BursarModel
import StorageTestSupport
import Testing
import Vending

@testable import Storage

/// Changing researchers, switching them off and on, and adding many at once.
@Suite struct ResearcherLifeTests {
    private let place = TemporaryStore()
    private let store: Store
    private let ada: Handle
    private let now = TemporaryStore.now

    init() async throws {
        store = try await place.made()
        try store.addAda()
        ada = try #require(Handle("ada"))
    }

    @Test func `what is named changes, and the record says which facts, not what they are`() throws {
        var change = ResearcherChange()
        change.name = "Ada King"
        change.sponsor = .set("Babbage")
        change.ends = .set(now.addingTimeInterval(60))
        #expect(
            try store.administration.update(try #require(Handle("ADA")), change, by: TemporaryStore.act)?.handle
                == "ada"
        )
        let found = try #require(try store.lists.researcher(ada, at: now))
        #expect(found.researcher.name == "Ada King" && found.researcher.email == "ada@example.edu")
        #expect(found.researcher.sponsor == "Babbage")
        #expect(found.state(at: now) == .active && found.state(at: now.addingTimeInterval(60)) == .ended)
        let details = try store.rows("SELECT detail FROM records WHERE kind = 'researcher_updated'")
        #expect(details == ["\"name; sponsor; ends 2026-01-02T03:05:05Z\""])
        #expect(try store.administration.update(try #require(Handle("bob")), change, by: TemporaryStore.act) == nil)
    }

    @Test func `switching off tells until when what was handed out works`() async throws {
        let id = try store.issueKey()
        try await Recorder(database: store.database, now: { TemporaryStore.now }).record(try await store.vend(id))
        let end = now.addingTimeInterval(3600)
        let act = TemporaryStore.act
        #expect(
            try store.administration.disable(ada, reason: "leave", by: act) == .done(researcher: "ada", liveUntil: end)
        )
        #expect(try store.administration.disable(ada, reason: "again", by: act) == .unchanged(researcher: "ada"))
        #expect(try store.lists.researcher(ada, at: now)?.disabledReason == "leave")
        #expect(try await store.directory.key(id)?.record.refusal(at: now) == .researcherDisabled)
        let enabled = try store.administration.enable([ada], by: AuditContext(actor: "root@desk", date: end))[0]
        #expect(enabled == .done(researcher: "ada", liveUntil: nil))
        #expect(try store.administration.enable([ada], by: act)[0] == .unchanged(researcher: "ada"))
        #expect(try store.administration.disable(try #require(Handle("bob")), reason: nil, by: act) == .unknown)
        let kinds = try store.rows("SELECT kind FROM records WHERE kind LIKE 'researcher_%ed' ORDER BY sequence")
        #expect(kinds == ["\"researcher_added\"", "\"researcher_disabled\"", "\"researcher_enabled\""])
    }

    @Test func `newcomers are all added or none`() throws {
        func newcomer(_ handle: String) throws -> ImportedResearcher {
            let (key, hash) = try cheapKey()
            let handle = try #require(Handle(handle))
            let person = Researcher(handle: handle, name: "N", email: "n@x", project: "p")
            let end = now.addingTimeInterval(60)
            return ImportedResearcher(
                researcher: person,
                key: NewKey(id: key.id, hash: hash, researcher: handle, expires: end)
            )
        }
        let before = try store.audit.chainHead().hash
        let taken = try #require(Handle("ADA"))
        #expect(throws: ImportConflictError.handleTaken(taken)) {
            try store.administration.add([newcomer("bob"), newcomer("ADA")], by: TemporaryStore.act)
        }
        #expect(
            try store.lists.researchers().count == 1 && store.lists.keys().isEmpty
                && store.audit.chainHead().hash == before
        )
        try store.administration.add([newcomer("bob"), newcomer("eve")], by: TemporaryStore.act)
        #expect(try store.lists.keys().map(\.researcher) == ["bob", "eve"])
        #expect(try store.audit.firstBrokenRecord() == nil)
    }

    @Test func `lists tell how many keys work and when the last was used, canaries and self-tests aside`() async throws
    {
        let used = try store.issueKey()
        _ = try store.issueKey()
        _ = try store.administration.revokeKey(try store.issueKey(), reason: "lost", by: TemporaryStore.act)
        let (canary, hash) = try cheapKey()
        let decoy = NewKey(
            id: canary.id,
            hash: hash,
            researcher: ada,
            expires: now.addingTimeInterval(60),
            isCanary: true
        )
        _ = try store.administration.add(decoy, by: TemporaryStore.act)
        try await Recorder(database: store.database, now: { TemporaryStore.now }).record(try await store.vend(used))
        try store.change(
            """
            INSERT INTO researchers (handle, name, email, project, created_at, purpose)
            VALUES ('probe', 'P', 'p@x', 'p', 1, 'selftest')
            """
        )
        let listed = try store.lists.listedResearchers(at: now)
        #expect(listed.map(\.researcher.handle.description) == ["ada"])
        #expect(listed.first?.activeKeys == 2 && listed.first?.lastVend == now)
        #expect(try store.lists.listedResearchers(project: "looms", at: now).isEmpty)
        _ = try store.administration.disable(ada, reason: nil, by: TemporaryStore.act)
        let disabled = try #require(try store.lists.researcher(ada, at: now))
        #expect(disabled.activeKeys == 0 && disabled.keysInForce == 2)
    }

    @Test func `the use of a canary is a record and a count of its own`() async throws {
        let (key, hash) = try cheapKey()
        let end = now.addingTimeInterval(60)
        let decoy = NewKey(id: key.id, hash: hash, researcher: ada, expires: end, isCanary: true)
        _ = try store.administration.add(decoy, by: TemporaryStore.act)
        #expect(try await store.directory.key(key.id)?.record.isCanary == true)
        let tally = RefusalTally()
        for _ in 0..<3 {
            let refusal = VendError(.keyInvalid, .canary(key.id, ada))
            tally.note(refusal, from: IPAddress("192.0.2.1"), requestID: "r", at: now)
        }
        try store.ledger.record(try #require(tally.take()))
        let columns = "kind, researcher, key_id, address, reason"
        #expect(
            try store.rows("SELECT \(columns) FROM records ORDER BY sequence DESC LIMIT 1")
                == ["\"canary_used\" \"ada\" \"\(key.id)\" \"192.0.2.1\" \"key_invalid\""]
        )
        #expect(try store.rows("SELECT outcome, count FROM usage_daily") == ["\"canary_used\" 3"])
        #expect(try store.audit.firstBrokenRecord() == nil)
    }
}
