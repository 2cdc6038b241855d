import BursarFoundation
import BursarModel
import Spend
import Testing

struct PriceTests {
    private static let day = UTCDay("2026-11-02")!

    private func row(_ price: String?, from day: String, _ source: PriceRow.Source = .list) -> PriceRow {
        PriceRow(
            key: Self.key,
            price: price.map { TokenPrice($0, per: .million)! },
            effective: UTCDay(day)!,
            source: source
        )
    }

    private static let key = PriceKey(model: "Claude Sonnet 4.6", region: "us-east-1", routing: .regional, kind: .input)

    private func price(_ rows: [PriceRow], on day: String) -> String? {
        PriceTable(rows).price(of: Self.key, on: UTCDay(day)!)?.price.perMillion.description
    }

    @Test
    func `A price holds from its day until the next one's`() {
        let rows = [row("3", from: "2026-11-01"), row("2", from: "2026-11-10")]
        for rows in [rows, rows.reversed()] {
            #expect(
                ["2026-11-01", "2026-11-09", "2026-11-10", "2027-01-01"].map { price(rows, on: $0) } == [
                    "3", "3", "2", "2",
                ]
            )
        }
    }

    @Test
    func `A model's first price covers what came before, and is marked`() {
        let table = PriceTable([row("3", from: "2026-11-01")])
        #expect(table.price(of: Self.key, on: UTCDay("2026-01-01")!)?.isExtended == true)
        #expect(table.price(of: Self.key, on: UTCDay("2026-11-01")!)?.isExtended == false)
    }

    @Test
    func `Of two prices for one day the one recorded later wins`() {
        #expect(price([row("3", from: "2026-11-01"), row("4", from: "2026-11-01")], on: "2026-11-01") == "4")
    }

    @Test
    func `The operator's price goes before a newer one of the list, until it is ended`() {
        var rows = [
            row("1", from: "2026-11-05", .operator), row("3", from: "2026-11-01"), row("2", from: "2026-11-10"),
        ]
        #expect(["2026-11-04", "2026-11-05", "2026-11-20"].map { price(rows, on: $0) } == ["3", "1", "1"])
        rows.append(row(nil, from: "2026-11-15", .operator))
        #expect(["2026-11-14", "2026-11-15"].map { price(rows, on: $0) } == ["1", "2"])
    }

    @Test
    func `What no list has is unpriced, with its tokens`() {
        let pricing = Pricing(table: PriceTable([row("3", from: "2026-11-01")]), names: ModelNames())
        let tokens = TokenCounts(input: 5, output: 6)
        let estimate = pricing.estimate(tokens, calls: 2, modelID: "mistral.other", region: "us-east-1", on: Self.day)
        #expect(estimate.high == .zero)
        #expect(estimate.unpriced == tokens)
        #expect(estimate.unpricedCalls == 2)
    }

    @Test
    func `A class of tokens without a price is unpriced by itself`() {
        let names = ModelNames(names: ["a.b": "Claude Sonnet 4.6"])
        let pricing = Pricing(table: PriceTable([row("3", from: "2026-11-01")]), names: names)
        let tokens = TokenCounts(input: 1_000_000, output: 6)
        let estimate = pricing.estimate(tokens, calls: 2, modelID: "a.b", region: "us-east-1", on: Self.day)
        #expect(estimate.high.description == "3")
        #expect(estimate.unpriced == TokenCounts(output: 6))
    }

    @Test(arguments: ["us-gov-west-1", "us-east-2", ""])
    func `A region that no list holds has no other region's price`(region: String) {
        let names = ModelNames(names: ["a.b": "Claude Sonnet 4.6"])
        let pricing = Pricing(table: PriceTable([row("3", from: "2026-11-01")]), names: names)
        let estimate = pricing.estimate(TokenCounts(input: 9), calls: 1, modelID: "a.b", region: region, on: Self.day)
        #expect(estimate.high == .zero)
        #expect(estimate.unpriced.input == 9)
    }

    @Test
    func `An alias names a price list's model, with or without the edition`() {
        let names = ModelNames(
            names: ["a.b": "Wrong"],
            aliases: [
                "a.b": "Claude Sonnet 4.6 (Amazon Bedrock Edition)",
                "arn:aws:bedrock:r:1:application-inference-profile/p": "global.a.b",
            ]
        )
        #expect(names.pricing(of: "us.a.b")?.name == "Claude Sonnet 4.6")
        let profile = names.pricing(of: "arn:aws:bedrock:r:1:application-inference-profile/p")
        #expect(profile?.name == "Claude Sonnet 4.6")
        #expect(profile?.routing == .global)
    }
}
