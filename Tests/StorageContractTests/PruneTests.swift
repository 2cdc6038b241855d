import BursarFoundation
import BursarModel
import StorageTestSupport
import Testing
import Vending

@testable import Storage

/// Old records go, what they proved and counted stays.
@Suite struct PruneTests {
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
        let outcomes = try store.database.write { db in
            try VendBatch(Array(repeating: vend, count: count), at: day(number)).write(to: db).outcomes
        }
        for outcome in outcomes { _ = try outcome.get() }
    }

    private func pruneAll(before date: Date, step: Int = 7) throws -> Int {
        guard let plan = try store.upkeep.prunePlan(before: date) else { return 0 }
        try store.upkeep.recordPruning(plan, before: "then", by: TemporaryStore.act)
        var removed = 0
        while true {
            let count = try store.upkeep.pruneStep(upTo: plan.last, before: date, count: step)
            guard count > 0 else { return removed }
            #expect(count <= step)
            removed += count
        }
    }

    @Test func `what is older goes, what is not stays, and the chain holds`() async throws {
        for number in 0..<5 { try await vend(onDay: number, times: 10) }
        let plan = try #require(try store.upkeep.prunePlan(before: day(3)))
        #expect(plan.count == 32)
        #expect(plan.acts == 2)
        #expect(plan.newest == day(2))
        #expect(try pruneAll(before: day(3)) == 32)
        #expect(
            try store.rows("SELECT min(occurred_at) FROM records WHERE kind = 'vend'") == ["\(day(3).milliseconds)"]
        )
        #expect(try store.audit.firstBrokenRecord() == nil)
        #expect(try store.upkeep.prunePlan(before: day(3)) == nil)
        #expect(
            try store.rows("SELECT detail FROM records WHERE kind = 'records_pruned'") == [
                "\"before then, up to record 32\""
            ]
        )
    }

    @Test func `reports stay as they were`() async throws {
        for number in 0..<40 { try await vend(onDay: number, times: 2) }
        try store.ledger.sumUpMonths(at: day(60))
        let scope = UsageScope(UTCDay(containing: day(0))...UTCDay(containing: day(50)))
        let before = try store.reports.usage(scope, [.keys, .spans, .outcomes, .networks])
        #expect(try pruneAll(before: day(45)) > 80)
        let after = try store.reports.usage(scope, [.keys, .spans, .outcomes, .networks])
        #expect(before.keys == after.keys && before.spans == after.spans)
        #expect(before.outcomes == after.outcomes && before.networks == after.networks)
    }

    @Test func `the chain goes on when nothing is left of it`() async throws {
        try await vend(onDay: 1, times: 5)
        let head = try store.audit.chainHead()
        // As a step does, without the record of it.
        while try store.upkeep.pruneStep(upTo: head.sequence, before: day(9), count: 3) > 0 {}
        #expect(try store.rows("SELECT count(*) FROM records") == ["0"])
        #expect(try store.audit.chainHead() == head)
        try await vend(onDay: 2, times: 3)
        #expect(try store.audit.chainHead().sequence == head.sequence + 3)
        // What is left follows; that the rest was pruned is not on record.
        #expect(try store.audit.checkChain().fault == ChainError(sequence: head.sequence, kind: .removed))
        #expect(try store.upkeep.prunePlan(before: day(3))?.first == head.sequence + 1)
    }

    @Test func `a record of a later time than its place keeps itself and what follows`() async throws {
        try await vend(onDay: 1, times: 5)
        try await vend(onDay: 8)
        try await vend(onDay: 1, times: 5)
        try await vend(onDay: 9, times: 50)
        let removed = try pruneAll(before: day(5))
        #expect(try store.rows("SELECT count(*) FROM records WHERE occurred_at >= \(day(5).milliseconds)") == ["51"])
        #expect(removed <= 7)
        #expect(try store.audit.firstBrokenRecord() == nil)
    }

    @Test func `a run that was stopped is finished by the next`() async throws {
        try await vend(onDay: 1, times: 50)
        try await vend(onDay: 9)
        let plan = try #require(try store.upkeep.prunePlan(before: day(5)))
        try store.upkeep.recordPruning(plan, before: "then", by: TemporaryStore.act)
        #expect(try store.upkeep.pruneStep(upTo: plan.last, before: day(5), count: 20) == 20)
        #expect(try store.audit.firstBrokenRecord() == nil)
        #expect(try store.upkeep.prunePlan(before: day(5))?.count == 32)
        #expect(try pruneAll(before: day(5)) == 32)
        #expect(try store.audit.firstBrokenRecord() == nil)
    }

    @Test(
        arguments: [
            ("UPDATE records SET actor = 'eve' WHERE sequence = 2", 2), ("DELETE FROM records WHERE sequence = 4", 4),
            ("UPDATE records SET researcher = 'eve' WHERE sequence = 7", 7),
        ] as [(String, Int64)]
    )
    func `a break in what would go is found before anything goes`(_ edit: String, _ sequence: Int64) async throws {
        try await vend(onDay: 1, times: 5)
        try await vend(onDay: 9)
        let plan = try #require(try store.upkeep.prunePlan(before: day(5)))
        #expect(try store.upkeep.firstFault(in: plan) == nil)
        try store.edit(edit)
        #expect(try store.upkeep.firstFault(in: plan)?.sequence == sequence)
    }

    @Test(arguments: [
        "DELETE FROM records WHERE sequence = 1", "UPDATE pruned SET sequence = 3", "DELETE FROM pruned",
        "UPDATE pruned SET sequence = 2, hash = zeroblob(32)",
        "UPDATE pruned SET sequence = 999, hash = (SELECT hash FROM records WHERE sequence = 999)",
    ])
    func `nothing goes without its proof`(_ sql: String) async throws {
        try await vend(onDay: 1, times: 5)
        #expect(throws: StoreError.self) { try store.change(sql) }
        #expect(try store.rows("SELECT count(*) FROM records") == ["7"])
    }
}
