import BursarFoundation
import BursarModel
import StorageTestSupport
import Testing
import Vending

@testable import Storage

@Suite struct DatabaseCheckTests {
    private static let later = TemporaryStore.now + 40 * 86_400

    private let place = TemporaryStore()
    private let store: Store

    /// Two vends, a recorded refusal that came three times, and a month that is over.
    init() async throws {
        store = try await place.made()
        try store.addAda()
        let key = try store.issueKey(life: 90 * 86_400)
        let recorder = Recorder(database: store.database, now: { TemporaryStore.now })
        for number in 1...2 { _ = try await recorder.record(try await store.vend(key, number)) }
        let tally = RefusalTally()
        let (record, _) = try #require(try await store.directory.key(key))
        for number in 1...3 {
            tally.note(VendError(.rateLimited, to: record), from: nil, requestID: "r\(number)", at: TemporaryStore.now)
        }
        try store.ledger.record(try #require(tally.take()))
        try store.ledger.sumUpMonths(at: Self.later)
    }

    private func edit(_ sql: String) throws {
        try store.edit(sql)
    }

    @Test(arguments: DatabaseCheck.allCases)
    func `nothing is found where nothing is wrong`(_ check: DatabaseCheck) throws {
        #expect(try store.upkeep.firstFlaw(check) == nil)
    }

    @Test(arguments: [
        ("UPDATE usage_daily SET count = 3 WHERE outcome = 'vended'", "usage_daily counts 3 for key"),
        ("DELETE FROM usage_daily WHERE outcome = 'vended'", "usage_daily counts 0 for key"),
        ("UPDATE usage_daily SET count = 1 WHERE outcome = 'vended'", "where there are 2"),
        ("DELETE FROM usage_daily WHERE outcome = 'rate_limited'", "(rate_limited) where there are 1"),
        ("UPDATE usage_totals SET count = 7 WHERE outcome = 'vended'", "usage_totals counts 7 on 2026-01-02"),
        ("DELETE FROM usage_totals", "usage_totals counts 0"),
        ("UPDATE usage_keys SET vends = 9", "usage_keys counts 9"),
        ("UPDATE usage_monthly SET count = 9", "usage_monthly counts 9"),
        ("UPDATE usage_networks_monthly SET count = 9", "usage_networks_monthly counts 9"),
        (
            "UPDATE usage_networks SET count = 3; DELETE FROM usage_networks_monthly; DELETE FROM usage_monthly",
            "usage_networks counts 3"
        ),
    ])
    func `a count that isn't right is named`(_ change: String, _ flaw: String) throws {
        try edit(change)
        let found = try #require(try store.upkeep.firstFlaw(.rollUps))
        #expect(found.contains(flaw), "\(found)")
    }

    @Test func `refusals that were counted but not recorded are as they should be`() throws {
        #expect(try store.rows("SELECT count FROM usage_daily WHERE outcome = 'rate_limited'") == ["3"])
        #expect(try store.rows("SELECT count(*) FROM records WHERE kind = 'refusal'") == ["1"])
        #expect(try store.upkeep.firstFlaw(.rollUps) == nil)
    }

    @Test func `what was pruned is not missed`() throws {
        let plan = try #require(try store.upkeep.prunePlan(before: Self.later))
        try store.upkeep.recordPruning(plan, before: "2026-02-11", by: TemporaryStore.act)
        // All vends, but not the refusal after them: a run that was stopped.
        let vends = try store.rows("SELECT max(sequence) FROM records WHERE kind = 'vend'")
        let last = try #require(vends.first.flatMap { Int64($0) })
        #expect(last < plan.last)
        #expect(try store.upkeep.pruneStep(upTo: last, before: Self.later, count: plan.count) == Int(last))
        for check in DatabaseCheck.allCases { #expect(try store.upkeep.firstFlaw(check) == nil) }
    }

    @Test func `an edited record is named`() throws {
        try edit("UPDATE records SET actor = 'eve' WHERE sequence = 2")
        #expect(try store.upkeep.firstFlaw(.chain) == "record 2 doesn't follow from those before it")
    }

    @Test func `facts are as the tables have them, and a canary is no active key`() throws {
        let (canary, hash) = try cheapKey()
        let decoy = NewKey(
            id: canary.id,
            hash: hash,
            researcher: try #require(Handle("ada")),
            expires: Self.later + 90 * 86_400,
            isCanary: true
        )
        _ = try store.administration.add(decoy, by: TemporaryStore.act)
        let facts = try store.upkeep.facts(at: TemporaryStore.now)
        #expect(facts.schema == (TestEngine.current == .sqlite ? "6" : "4"))
        #expect(facts.records == 6)
        #expect(facts.vends == 2)
        #expect([facts.researchers, facts.keys, facts.activeKeys] == [1, 2, 1])
        #expect(facts.last == TemporaryStore.now)
        #expect(try store.upkeep.facts(at: Self.later + 60 * 86_400).activeKeys == 0)
    }

    @Test func `keys that end soon, have ended, or lie unused are found`() throws {
        let (now, day) = (TemporaryStore.now, 86_400.0)
        let soon = try store.issueKey(life: 5 * day)
        let health = try store.upkeep.health(at: now, ahead: 14 * day, idle: 60 * day)
        #expect(health.expiring.map(\.key) == [soon.description])
        #expect(health.expired.isEmpty)
        #expect(health.unused.count == 0)
        let later = try store.upkeep.health(at: now + 70 * day, ahead: 80 * day, idle: 60 * day)
        #expect(later.expired.map(\.key) == [soon.description])
        #expect(later.unused.count == 1)
        #expect(later.canary == nil)
    }

    @Test func `a key that was rotated is neither about to end nor ended`() throws {
        let (now, day) = (TemporaryStore.now, 86_400.0)
        let old = try store.issueKey(life: 5 * day)
        let (new, hash) = try cheapKey()
        let end = now + 90 * day
        _ = try store.administration.rotate(old, to: new.id, hash: hash, overlap: day, by: TemporaryStore.act) { _ in
            end
        }
        #expect(try store.upkeep.health(at: now, ahead: 14 * day, idle: 60 * day).expiring.isEmpty)
        #expect(try store.upkeep.health(at: now + 10 * day, ahead: 14 * day, idle: 60 * day).expired.isEmpty)
    }

    @Test func `a key of a researcher whose stay ends is about to end with it`() throws {
        let (now, day) = (TemporaryStore.now, 86_400.0)
        try store.change("UPDATE researchers SET ends_at = ?", [now + 3 * day])
        let health = try store.upkeep.health(at: now, ahead: 14 * day, idle: 60 * day)
        #expect(!health.expiring.isEmpty)
        #expect(health.expiring.allSatisfy { $0.isEndOfStay && $0.date == now + 3 * day })
        #expect(try store.upkeep.health(at: now + 5 * day, ahead: 14 * day, idle: 60 * day).expired.isEmpty)
    }
}
