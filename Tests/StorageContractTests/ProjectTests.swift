import BursarFoundation
import BursarModel
import StorageTestSupport
import Testing
import Vending

@testable import Storage

/// Projects of keys: who has which, since when, and what counts for which.
@Suite struct ProjectTests {
    private let place = TemporaryStore()
    private let store: Store
    private let ada: Handle
    private let now = TemporaryStore.now

    init() async throws {
        store = try await place.made()
        try store.addAda()
        ada = try #require(Handle("ada"))
    }

    private func act(_ seconds: TimeInterval) -> AuditContext {
        AuditContext(actor: "root@desk", date: now.addingTimeInterval(seconds))
    }

    private func issue(to handle: String = "ada", project: String? = nil) throws -> KeyID {
        let (key, hash) = try cheapKey()
        let new = NewKey(
            id: key.id,
            hash: hash,
            researcher: try #require(Handle(handle)),
            project: project,
            expires: now.addingTimeInterval(90 * 86_400)
        )
        _ = try #require(try store.administration.add(new, by: TemporaryStore.act))
        return key.id
    }

    private func move(_ id: KeyID, to project: String, after seconds: TimeInterval) throws {
        var change = KeyChange()
        change.project = project
        _ = try #require(try store.administration.update(id, change, by: act(seconds)) { _, _ in })
    }

    private func vend(_ id: KeyID, after seconds: TimeInterval, from address: String = "192.0.2.1") async throws {
        let vend = try await store.vend(id, from: address)
        let date = now.addingTimeInterval(seconds)
        for outcome in try store.database.write({ db in try VendBatch([vend], at: date).write(to: db).outcomes }) {
            _ = try outcome.get()
        }
    }

    private func histories(_ table: String = "key_projects") throws -> [String] {
        try store.rows("SELECT since, project FROM \(table) ORDER BY since, project")
    }

    // MARK: Which project

    @Test func `a key is of the project that is named for it, else of its researcher's`() async throws {
        let (own, other) = (try issue(), try issue(project: "looms"))
        #expect(try store.lists.key(own)?.project == "engines")
        #expect(try await store.directory.key(other)?.record.project == "looms")
        #expect(try store.lists.keys(project: "looms").map(\.id) == [other])
        #expect(try store.lists.projects() == ["engines", "looms"])
        #expect(try histories() == ["\(now.milliseconds) \"engines\"", "\(now.milliseconds) \"looms\""])
        #expect(try histories("researcher_projects") == ["\(now.milliseconds) \"engines\""])
    }

    @Test func `a rotated key's successor is of the same project`() throws {
        let (old, (new, hash)) = (try issue(project: "looms"), try cheapKey())
        _ = try store.administration.rotate(old, to: new.id, hash: hash, overlap: 60, by: act(1)) { $0.expires }
        #expect(try store.lists.key(new.id)?.project == "looms")
    }

    @Test func `a key that changes its project is looked up again, and what was decided before is void`() async throws {
        let id = try issue()
        let decided = try await store.vend(id)
        try move(id, to: "looms", after: 5)
        #expect(try store.lists.key(id)?.project == "looms")
        #expect(try await store.directory.changes(since: decided.revision).keys == [id])
        await #expect(throws: AuditLogError.self) {
            try await Recorder(database: store.database, now: { TemporaryStore.now }).record(decided)
        }
        #expect(try histories() == ["\(now.milliseconds) \"engines\"", "\(now.milliseconds + 5000) \"looms\""])
        #expect(try store.rows("SELECT detail FROM records WHERE kind = 'key_updated'") == ["\"project\""])
        #expect(try store.lists.projects() == ["engines", "looms"])
        #expect(try store.audit.firstBrokenRecord() == nil)
    }

    @Test func `a change to the same project is none`() throws {
        let id = try issue()
        try move(id, to: "engines", after: 5)
        #expect(try histories().count == 1)
    }

    @Test func `after a clock was set back, a history still grows at its end`() throws {
        let id = try issue()
        try move(id, to: "looms", after: 60)
        try move(id, to: "sails", after: -60)
        let first = now.milliseconds
        #expect(
            try histories() == ["\(first) \"engines\"", "\(first + 60_000) \"looms\"", "\(first + 60_001) \"sails\""]
        )
        #expect(try store.lists.key(id)?.project == "sails")
    }

    @Test func `a researcher's project is that of new keys, and moves the others only on request`() throws {
        let (one, two, gone) = (try issue(), try issue(project: "looms"), try issue())
        _ = try store.administration.revokeKey(gone, reason: "lost", by: TemporaryStore.act)
        var change = ResearcherChange()
        change.project = "looms"
        let updated = try store.administration.update(ada, change, by: act(1))
        #expect(updated == UpdatedResearcher(handle: "ada", movedKeys: [], otherKeys: 1))
        #expect(try store.lists.key(one)?.project == "engines")
        #expect(try store.lists.key(try issue())?.project == "looms")
        change.project = "sails"
        change.movesKeys = true
        let moved = try #require(try store.administration.update(ada, change, by: act(2)))
        #expect(moved.otherKeys == 0 && moved.movedKeys.count == 3 && moved.movedKeys.contains(two))
        #expect(try store.lists.keys(project: "sails").count == 3)
        #expect(try store.lists.key(gone)?.project == "engines")
        #expect(try histories("researcher_projects").count == 3)
        #expect(try store.rows("SELECT count(*) FROM records WHERE kind = 'key_updated'") == ["3"])
        for check in DatabaseCheck.allCases { #expect(try store.upkeep.firstFlaw(check) == nil) }
    }

    // MARK: What can't be done

    @Test(arguments: [
        "UPDATE keys SET project = 'other'", "UPDATE researchers SET project = 'other'", "DELETE FROM key_projects",
        "DELETE FROM researcher_projects", "UPDATE key_projects SET project = 'other'",
        "UPDATE researcher_projects SET since = since - 1", "DELETE FROM usage_splits",
        "DELETE FROM usage_network_splits",
        "UPDATE usage_splits SET count = count + 1",
        "INSERT INTO key_projects SELECT key_id, since, 'other' FROM key_projects",
        "INSERT INTO key_projects SELECT key_id, since - 1, 'other' FROM key_projects",
        "INSERT INTO researcher_projects SELECT researcher, since - 1, 'other' FROM researcher_projects",
        "INSERT INTO key_projects VALUES ('zzzzzzzzzzzz', 1, 'other')",
        "INSERT INTO usage_splits VALUES ('zzzzzzzzzzzz', 1, 'vended', 1, 1)",
    ])
    func `no statement changes what a key was of, or a project without its history`(_ sql: String) async throws {
        let id = try issue()
        try await vend(id, after: 1)
        try move(id, to: "looms", after: 2)
        let before = try store.rows("SELECT * FROM key_projects ORDER BY 1, 2")
        #expect(throws: (any Error).self) { try store.change(sql) }
        #expect(try store.rows("SELECT * FROM key_projects ORDER BY 1, 2") == before)
    }

    @Test(arguments: [
        ("UPDATE key_projects SET project = 'other'", "key_projects doesn't end with the project of "),
        ("UPDATE researchers SET project = 'other'", "researcher_projects doesn't end with the project of ada"),
        ("UPDATE usage_splits SET count = 5", "usage_splits counts 5 for key "),
    ])
    func `what was edited past the triggers is found`(_ sql: String, _ flaw: String) async throws {
        let id = try issue()
        try await vend(id, after: 1)
        try move(id, to: "looms", after: 2)
        #expect(try store.upkeep.firstFlaw(.rollUps) == nil)
        try store.edit(sql)
        #expect(try store.upkeep.firstFlaw(.rollUps)?.hasPrefix(flaw) == true)
    }

    // MARK: What counts for which

    @Test func `the day of a change is cut at it, with its networks and last vends`() async throws {
        let id = try issue()
        for seconds in [1.0, 2] { try await vend(id, after: seconds) }
        try move(id, to: "looms", after: 10)
        try await vend(id, after: 11, from: "198.51.100.9")
        try move(id, to: "engines", after: 20)
        try await vend(id, after: 21)
        try move(id, to: "sails", after: 30)
        let day = UTCDay(containing: now)
        func usage(_ project: String?) throws -> Usage {
            try store.reports.usage(UsageScope(day...day, project: project), [.keys, .spans, .outcomes, .networks])
        }
        let all = try usage(nil)
        #expect(all.projects.map(\.projects) == [["engines"], ["looms"], ["sails"]])
        #expect(all.projects.map(\.tally.vends) == [3, 1, 0])
        #expect(all.projects.map(\.tally.lastVend) == [now.addingTimeInterval(21), now.addingTimeInterval(11), nil])
        #expect(all.keys.map { "\($0.project) \($0.tally.vends)" } == ["engines 3", "looms 1"])
        #expect(all.researchers.map(\.projects) == [["engines", "looms"]])
        #expect(all.total.keys == 1 && all.keyCount == 1)
        let looms = try usage("looms")
        #expect(looms.networks.map(\.network) == ["198.51.100.0/24"] && looms.total.tally.vends == 1)
        #expect(looms.outcomes.map(\.count) == [1] && looms.spans.map(\.tally.vends) == [1])
        #expect(try usage("engines").networks.map(\.tally.vends) == [3])
        #expect(try usage("sails").people.map(\.handle) == ["ada"])
        #expect(try usage("nets").people.isEmpty)
    }

    @Test func `whole months come from their sums, but for the month of a change`() async throws {
        let id = try issue()
        try await vend(id, after: 1)
        try await vend(id, after: 40 * 86_400)
        try move(id, to: "looms", after: 40 * 86_400 + 5)
        try await vend(id, after: 40 * 86_400 + 9)
        try await vend(id, after: 70 * 86_400)
        try store.ledger.sumUpMonths(at: now.addingTimeInterval(150 * 86_400))
        // A month that is summed up is not read by its days, so that an edit of these shows nothing.
        try store.edit("UPDATE usage_daily SET count = 9 WHERE day <> \(UTCDay(containing: now).number + 40)")
        let range =
            UTCDay(number: UTCDay(containing: now).number - 40)...UTCDay(number: UTCDay(containing: now).number + 200)
        let usage = try store.reports.usage(UsageScope(range), .keys)
        #expect(usage.projects.map { "\($0.projects) \($0.tally.vends)" } == ["[\"engines\"] 2", "[\"looms\"] 2"])
    }

    // MARK: The end of a project

    @Test func `a project's end switches off researchers who have no other key, and revokes its keys of the others`()
        async throws
    {
        for handle in ["bob", "eve", "zoe"] { try store.addAda(handle) }
        let both = (try issue(project: "term"), try issue())
        let only = try issue(to: "bob", project: "term")
        _ = try issue(to: "eve")
        try await vend(only, after: 0)
        let end = try store.lists.end(of: "term", at: now)
        #expect(end.leaving.map(\.researcher.description) == ["bob"] && end.leaving.map(\.keys) == [[only]])
        #expect(end.goingOn.map(\.researcher.description) == ["ada"] && end.goingOn.map(\.keys) == [[both.0]])
        #expect(end.goingOn.map(\.otherKeys) == [1])
        let liveUntil = try store.administration.carryOut(end, reason: "over", by: TemporaryStore.act)
        #expect(liveUntil == now.addingTimeInterval(3600))
        #expect(try store.lists.key(only)?.status(at: now) == .disabled)
        #expect(try store.lists.key(both.0)?.revokedReason == "over")
        #expect(try store.lists.key(both.1)?.status(at: now) == .active)
        #expect(try store.lists.researcher(try #require(Handle("bob")), at: now)?.disabledReason == "over")
        let after = try store.lists.end(of: "term", at: now)
        #expect(after.isOver && after.members.map(\.isDisabled) == [true])
        #expect(try store.audit.firstBrokenRecord() == nil)
    }

    @Test func `a project's end takes those whose own it is and who have no key that works`() throws {
        let end = try store.lists.end(of: "engines", at: now)
        #expect(end.leaving.map(\.researcher) == [ada] && end.leaving.map(\.isOwnProject) == [true])
        #expect(try store.lists.end(of: "looms", at: now).isOver)
    }

    @Test func `nothing is done of an end that isn't what was confirmed`() throws {
        _ = try issue(project: "term")
        let end = try store.lists.end(of: "term", at: now)
        _ = try issue()
        #expect(throws: ProjectChangedError.self) {
            try store.administration.carryOut(end, reason: "over", by: TemporaryStore.act)
        }
        #expect(try store.lists.keys().allSatisfy { $0.status(at: now) == .active })
    }

    // MARK: Names of sessions

    @Test func `a handle that is the name of a key's sessions is taken, in any case of its letters`() throws {
        let id = try issue()
        let person = { (handle: String) throws -> Researcher in
            Researcher(handle: try #require(Handle(handle)), name: "N", email: "n@x", project: "p")
        }
        #expect(try !store.administration.add(person("ada+\(id)"), by: TemporaryStore.act))
        #expect(try !store.administration.add(person("ADA+\(id.description.uppercased())"), by: TemporaryStore.act))
        #expect(try store.administration.add(person("eve+\(id)"), by: TemporaryStore.act))
        #expect(try store.administration.add(person("ada+000000000000"), by: TemporaryStore.act))
        #expect(try !store.lists.isFree(try #require(KeyID("000000000000")), of: ada))
        #expect(try store.lists.isFree(id, of: ada))
    }

    @Test func `a key whose sessions' name was another's handle already goes by the handle alone`() async throws {
        let id = try issue()
        #expect(try await store.directory.key(id)?.record.hasNamesake == false)
        try store.change(
            """
            INSERT INTO researchers (handle, name, email, project, created_at)
            VALUES ('Ada+\(id)', 'N', 'n@x', 'p', 1)
            """
        )
        #expect(try await store.directory.key(id)?.record.hasNamesake == true)
        #expect(try store.lists.key(try issue())?.hasNamesake == false)
    }

    @Test func `a session is found by its name`() throws {
        let (id, other) = (try issue(), try #require(KeyID("zzzzzzzzzzzz")))
        let owners = try store.lists.sessionOwners()
        #expect(owners.owner(of: "ada+\(id)").map { "\($0.researcher) \($0.key?.description ?? "-")" } == "ada \(id)")
        #expect(owners.owner(of: "ADA").map { "\($0.researcher) \($0.key?.description ?? "-")" } == "ada -")
        for name in ["ada+\(other)", "bob+\(id)", "ada+", "", "bursar-check"] { #expect(owners.owner(of: name) == nil) }
    }

    @Test func `ended sessions are of the keys that vended in the last twelve hours and a quarter`() async throws {
        let (late, early, never) = (try issue(), try issue(), try issue())
        try await vend(early, after: -12 * 3600 - 900)
        try await vend(late, after: -12 * 3600 - 899)
        func ended(_ keys: [KeyID]?) throws -> Set<KeyID>? {
            try store.administration.endSessions(of: ada, keys: keys, by: TemporaryStore.act) { now }?.keys
        }
        #expect(try ended(nil) == [late])
        #expect(try ended([late, never]) == [late])
        // None is alive by the records, which doesn't keep an operator from ending one.
        #expect(try ended([never]) == [never])
    }
}
