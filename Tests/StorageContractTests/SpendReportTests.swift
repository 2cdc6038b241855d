import BursarFoundation
import BursarModel
import Spend
import StorageTestSupport
import TestSupport
import Testing

@testable import Storage

/// Reports of what calls cost, to the last digit, at the prices that are known now.
@Suite struct SpendReportTests {
    private let place = TemporaryStore()
    private let store: Store
    /// 2026-01-02.
    private let day = UTCDay(containing: TemporaryStore.now)

    init() async throws {
        store = try await place.made()
        try store.addAda()
        try store.addAda("bob")
    }

    private func set(_ price: String?, _ kind: PricedClass = .input, model: String = "Made Up", from day: UTCDay) throws
    {
        let key = PriceKey(model: model, region: "us-east-1", routing: .regional, kind: kind)
        let price = try price.map { try #require(TokenPrice($0, per: .million)) }
        let row = PriceRow(key: key, price: price, effective: day, source: .operator)
        try store.prices.add([row], detail: "test", by: TemporaryStore.act)
    }

    private func alias() throws {
        #expect(try store.prices.setAlias("made.up-v1:0", to: "Made Up", by: TemporaryStore.act))
    }

    private func call(_ number: Int, day: Int = 0, session: String = "ada", input: Int64 = 1_000_000) -> LoggedCall {
        SpendLog.call(
            number,
            session: session,
            hours: Double(day) * 24,
            model: "made.up-v1:0",
            tokens: TokenCounts(input: input)
        )
    }

    private func report(_ grouping: SpendGrouping, _ days: ClosedRange<UTCDay>? = nil) throws -> SpendReport {
        let all = UTCDay(number: day.number - 100)...UTCDay(number: day.number + 100)
        return try store.spend.report(SpendScope(days ?? all), by: grouping)
    }

    @Test func `a model without a price is shown with its tokens, and priced once its name is known`() throws {
        try store.ingest([call(1), call(2, session: "bob", input: 5)])
        let before = try report(.researcher)
        #expect(before.totals.high == .zero && before.totals.calls == 2)
        #expect(
            before.unpriced == [
                SpendReport.Unpriced(model: "made.up-v1:0", calls: 2, tokens: TokenCounts(input: 1_000_005))
            ]
        )
        try set("2", from: day)
        try alias()
        let after = try report(.researcher)
        #expect(after.unpriced == [] && after.totals.high == USD("2.00001"))
        #expect(after.rows.map(\.name) == ["ada", "bob"])
        #expect(after.rows.map(\.low.description) == ["2", "0.00001"])
    }

    @Test(arguments: SpendGrouping.allCases)
    func `a month whose price changes within is the sum of its days`(_ grouping: SpendGrouping) throws {
        try alias()
        try set("2", from: UTCDay(number: day.number - 50))
        // 2026-01-02 to 2026-01-31, and one in February.
        try store.ingest((0..<29).map { call($0, day: $0) } + [call(100, day: 40)])
        #expect(try report(grouping).totals.high == USD("60"))
        // From 2026-01-12 on.
        try set("3", from: UTCDay(number: day.number + 10))
        #expect(try report(grouping).totals.high == USD("80"))
        // And a correction of the past.
        try set("1", from: UTCDay(number: day.number - 50))
        #expect(try report(grouping).totals.high == USD("70"))
        let january = UTCDay(number: day.number + 5)...UTCDay(number: day.number + 14)
        #expect(try report(grouping, january).totals.high == USD("20"))
    }

    @Test func `an operator's price that is ended leaves AWS's, which is none here`() throws {
        try alias()
        try set("2", from: day)
        try store.ingest([call(1), call(2, day: 2)])
        try set(nil, from: UTCDay(number: day.number + 1))
        let report = try report(.day)
        #expect(report.rows.filter { $0.calls > 0 }.map(\.high.description) == ["2", "0"])
        #expect(report.unpriced.map(\.calls) == [1])
    }

    @Test func `writes to the cache have a range, and the high end is that of an hour`() throws {
        try alias()
        try set("4", .cacheWrite, from: day)
        try set("6.4", .cacheWrite1h, from: day)
        try store.ingest([
            SpendLog.call(1, model: "made.up-v1:0", tokens: TokenCounts(cacheWrite: 500_000))
        ])
        let row = try #require(try report(.model).rows.first)
        #expect((row.name, row.low, row.high) == ("made.up-v1:0", USD("2"), USD("3.2")))
    }

    @Test func `days and weeks without calls are there, and the sum of rows is the sum of the log`() throws {
        try store.ingest([call(1), call(2, day: 20, session: "eve")])
        let days = UTCDay(number: day.number)...UTCDay(number: day.number + 29)
        let byDay = try report(.day, days)
        #expect(byDay.rows.count == 30 && byDay.rows.map(\.calls).reduce(0, +) == 2)
        #expect(
            try report(.week, days).rows.map(\.name) == ["2026-W01", "2026-W02", "2026-W03", "2026-W04", "2026-W05"]
        )
        for grouping in SpendGrouping.allCases {
            #expect(try report(grouping).totals.tokens == TokenCounts(input: 2_000_000))
        }
    }

    @Test func `a day ends at midnight UTC, by the call's own time`() throws {
        // 2026-01-02T23:59:59.600Z, and 0.8 seconds later.
        let midnight = Double(UTCDay(number: day.number + 1).start.milliseconds - TemporaryStore.now.milliseconds)
        try store.ingest([-400, 400].map { SpendLog.call($0, hours: (midnight + Double($0)) / 3_600_000) })
        let rows = try report(.day).rows.filter { $0.calls > 0 }.map { "\($0.name) \($0.calls)" }
        #expect(rows == ["2026-01-02 1", "2026-01-03 1"])
    }

    @Test func `profiles of AWS are named without their ARN`() throws {
        let profile = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-6"
        try store.ingest([SpendLog.call(1, model: profile), SpendLog.call(2, model: "us.anthropic.claude-sonnet-4-6")])
        #expect(try report(.model).rows.map { "\($0.name) \($0.calls)" } == ["us.anthropic.claude-sonnet-4-6 2"])
        #expect(try store.spendLines(.region) { $0.model = "us.anthropic.claude-sonnet-4-6" }.count == 1)
        #expect(try store.spendLines(.region) { $0.region = "eu-west-1" }.isEmpty)
    }

    @Test(arguments: ["UPDATE spend_prices SET price = 1", "DELETE FROM spend_prices"])
    func `prices are appended, and each is on record`(_ sql: String) throws {
        try set("2", from: day)
        #expect(throws: StoreError.self) { try store.change(sql) }
        try alias()
        #expect(try !store.prices.setAlias("made.up-v1:0", to: "Made Up", by: TemporaryStore.act))
        #expect(try store.prices.setAlias("made.up-v1:0", to: nil, by: TemporaryStore.act))
        #expect(try store.prices.aliases().isEmpty)
        let records = try store.rows("SELECT detail FROM records WHERE kind = 'prices_changed' ORDER BY sequence")
        #expect(records == ["\"test\"", "\"alias made.up-v1:0 = Made Up\"", "\"alias made.up-v1:0 = none\""])
        #expect(try store.prices.rows().map(\.actor) == ["root@desk"])
    }
}
