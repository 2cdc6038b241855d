import BursarFoundation
import BursarModel
import StorageTestSupport
import TestSupport
import Testing
import Vending

@testable import Storage

/// Reports agree with what happened, whichever roll-ups they are made from.
@Suite struct UsageReportTests {
    private let history: UsageHistory

    init() async throws {
        history = try await UsageHistory()
    }

    private var store: Store { history.store }

    @Test(arguments: [11, 12, 13, 14, 15, 16] as [UInt64])
    func `every report's numbers are those of the events`(_ seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        try await history.fill(250, using: &random)
        for _ in 0..<12 {
            let scope = history.scope(using: &random)
            let events = history.events(in: scope)
            let own = events.filter { !$0.isCanaryUse }
            let span = [UsageSpan.day, .week, .month].randomElement(using: &random) ?? .day
            let usage = try store.reports.usage(scope, [.keys, .spans, .outcomes, .networks], by: span)

            #expect(
                tallies(usage.researchers) { $0.person?.handle } == sums(own) { $0.owner?.handle ?? "" },
                "\(scope)"
            )
            #expect(tallies(usage.projects) { $0.projects.first } == sums(own) { $0.owner?.project ?? "" }, "\(scope)")
            let keys = usage.keys.map { ("\($0.id) \($0.project)", $0.tally) } + [("", usage.unknown)]
            #expect(
                filled(keys) == sums(events) { event in event.owner.map { "\(event.key) \($0.project)" } ?? "" },
                "\(scope)"
            )
            for project in usage.projects {
                let events = own.filter { $0.owner?.project == project.projects.first }
                #expect(project.keys == Set(events.filter(\.isVend).map(\.key)).count)
                #expect(project.researchers == Set(events.compactMap(\.owner?.handle)).count)
            }
            let spans = usage.spans.map { ($0.name, $0.tally) }
            #expect(filled(spans) == sums(own) { span.name(span.number(of: $0.day.number)) }, "\(scope)")
            let outcomes = Dictionary(grouping: events, by: \.outcome).mapValues(\.count)
            #expect(Dictionary(usage.outcomes.map { ($0.outcome, $0.count) }) { $0 + $1 } == outcomes, "\(scope)")
            let networks = usage.networks.map { ($0.network, $0.tally) }
            #expect(filled(networks) == sums(events.filter { $0.network != nil }) { $0.network ?? "" }, "\(scope)")
            for network in usage.networks {
                #expect(network.keys == Set(events.filter { $0.network == network.network }.map(\.key)).count)
            }
            #expect(usage.total.keys == Set(events.filter { $0.isVend }.map(\.key)).count)
            #expect(usage.total.tally.vends == events.count { $0.isVend })
        }
    }

    @Test(arguments: [21, 22] as [UInt64])
    func `vends by day are those on record`(_ seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        try await history.fill(300, using: &random)
        let first = UTCDay(number: 0)...UTCDay(number: 40_000)
        let spans = try store.reports.usage(UsageScope(first, outcome: .vended), .spans).spans.filter {
            !$0.tally.isEmpty
        }
        let sql = """
            SELECT occurred_at / 86400000, count(*) FROM records
            WHERE kind = 'vend' AND researcher <> 'selftest-1' GROUP BY 1 ORDER BY 1
            """
        let recorded = try store.rows(sql).map { row in
            let numbers = row.split(separator: " ").compactMap { Int64($0) }
            return "\(UTCDay(number: numbers[0])) \(numbers[1])"
        }
        #expect(spans.map { "\($0.name) \($0.tally.vends)" } == recorded)
    }

    @Test func `researchers who did nothing are listed, and a self-test's are not`() throws {
        let usage = try store.reports.usage(UsageScope(UTCDay(number: 0)...UTCDay(number: 9)), .keys)
        #expect(usage.researchers.map(\.person?.handle) == ["ada", "bob", "eve"])
        #expect(usage.researchers.allSatisfy { $0.tally.isEmpty && $0.keys == 0 && $0.researchers == 0 })
    }

    @Test func `a range from the beginning of time to its end costs no more than its days`() async throws {
        var random = SeededGenerator(seed: 5)
        try await history.fill(40, using: &random)
        let always = try #require(UTCDay("0001-01-01"))...#require(UTCDay("9999-12-31"))
        var scope = UsageScope(always, researcher: "ada")
        scope.outcome = .vended
        let usage = try store.reports.usage(scope, [.keys, .spans, .networks])
        let vends = history.events(in: scope).count
        #expect(usage.total.tally.vends == vends)
        #expect(usage.spans.reduce(0) { $0 + $1.tally.vends } == vends)
        #expect(usage.networks.reduce(0) { $0 + $1.tally.vends } == vends)
    }

    private typealias Sum = UsageHistory.Sum

    private func tallies(_ groups: [Usage.Group], by name: (Usage.Group) -> String?) -> [String: Sum] {
        filled(groups.map { (name($0) ?? "", $0.tally) })
    }

    private func filled(_ tallies: [(String, UsageTally)]) -> [String: Sum] {
        let sums = tallies.filter { !$0.1.isEmpty }.map { ($0.0, Sum($0.1)) }
        return Dictionary(uniqueKeysWithValues: sums)
    }

    private func sums(_ events: [UsageHistory.Event], by name: (UsageHistory.Event) -> String) -> [String: Sum] {
        var sums: [String: Sum] = [:]
        for event in events { sums[name(event), default: Sum()].add(event) }
        return sums
    }
}
