import BursarFoundation
import BursarModel
import Spend
import Testing

struct PriceTests {
    private static let day = UTCDay(number: 20_759)

    private func row(_ price: String?, from day: String, _ source: PriceRow.Source = .list) throws -> PriceRow {
        PriceRow(
            key: Self.key,
            price: try price.map { try #require(TokenPrice($0, per: .million)) },
            effective: try #require(UTCDay(day)),
            source: source
        )
    }

    private static let key = PriceKey(model: "Claude Sonnet 4.6", region: "us-east-1", routing: .regional, kind: .input)

    private func price(_ rows: [PriceRow], on day: String) throws -> String? {
        PriceTable(rows).price(of: Self.key, on: try #require(UTCDay(day)))?.price.perMillion.description
    }

    @Test
    func `A price holds from its day until the next one's`() throws {
        let rows = [try row("3", from: "2026-11-01"), try row("2", from: "2026-11-10")]
        for rows in [rows, rows.reversed()] {
            let prices = try ["2026-11-01", "2026-11-09", "2026-11-10", "2027-01-01"].map { try price(rows, on: $0) }
            #expect(prices == ["3", "3", "2", "2"])
        }
    }

    @Test
    func `A model's first price covers what came before, and is marked`() throws {
        let table = PriceTable([try row("3", from: "2026-11-01")])
        #expect(try table.price(of: Self.key, on: #require(UTCDay("2026-01-01")))?.isExtended == true)
        #expect(try table.price(of: Self.key, on: #require(UTCDay("2026-11-01")))?.isExtended == false)
    }

    @Test
    func `Of two prices for one day the one recorded later wins`() throws {
        #expect(
            try price([try row("3", from: "2026-11-01"), try row("4", from: "2026-11-01")], on: "2026-11-01") == "4"
        )
    }

    @Test
    func `The operator's price goes before a newer one of the list, until it is ended`() throws {
        var rows = [
            try row("1", from: "2026-11-05", .operator), try row("3", from: "2026-11-01"),
            try row("2", from: "2026-11-10"),
        ]
        #expect(try ["2026-11-04", "2026-11-05", "2026-11-20"].map { try price(rows, on: $0) } == ["3", "1", "1"])
        rows.append(try row(nil, from: "2026-11-15", .operator))
        #expect(try ["2026-11-14", "2026-11-15"].map { try price(rows, on: $0) } == ["1", "2"])
    }

    @Test
    func `A list's price goes before the snapshot's from its day on, though it seems the older one`() throws {
        let rows = [try row("5", from: "2026-10-08", .snapshot), try row("3", from: "2026-10-01")]
        #expect(try price(rows, on: "2026-11-01") == "3")
        #expect(try price([rows[0], try row("3", from: "2026-10-20")], on: "2026-10-19") == "5")
    }

    @Test
    func `The second name of a model is tried where the first has no price`() throws {
        let names = ModelNames(names: ["a.b": ["Titan", "Claude Sonnet 4.6"]])
        let pricing = Pricing(table: PriceTable([try row("3", from: "2026-11-01")]), names: names)
        let tokens = TokenCounts(input: 1_000_000)
        #expect(
            pricing.estimate(tokens, calls: 1, modelID: "a.b", region: "us-east-1", on: Self.day).high.description
                == "3"
        )
    }

    @Test
    func `The shipped prices can be read, and their names are those of models`() throws {
        let snapshot = try PriceSnapshot.shipped()
        #expect(snapshot.rows.count == 4949)
        let models = Set(snapshot.rows.map(\.key.model))
        #expect(snapshot.names.values.joined().filter { !models.contains($0) } == [])
        let pricing = Pricing(table: PriceTable(snapshot.rows), names: ModelNames(names: snapshot.names))
        let tokens = TokenCounts(input: 1_000_000, output: 1_000_000, cacheRead: 1_000_000, cacheWrite: 1_000_000)
        func range(_ modelID: String) -> [String] {
            let estimate = pricing.estimate(tokens, calls: 1, modelID: modelID, region: "us-east-1", on: snapshot.day)
            return [estimate.low.description, estimate.high.description]
        }
        #expect(range("us.anthropic.claude-sonnet-4-6") == ["24.255", "26.73"])
        #expect(range("global.anthropic.claude-sonnet-4-6") == ["22.05", "24.3"])
    }

    @Test
    func `What no list has is unpriced, with its tokens`() throws {
        let pricing = Pricing(table: PriceTable([try row("3", from: "2026-11-01")]), names: ModelNames())
        let tokens = TokenCounts(input: 5, output: 6)
        let estimate = pricing.estimate(tokens, calls: 2, modelID: "mistral.other", region: "us-east-1", on: Self.day)
        #expect(estimate.high == .zero)
        #expect(estimate.unpriced == tokens)
        #expect(estimate.unpricedCalls == 2)
    }

    @Test
    func `A class of tokens without a price is unpriced by itself`() throws {
        let names = ModelNames(names: ["a.b": ["Claude Sonnet 4.6"]])
        let pricing = Pricing(table: PriceTable([try row("3", from: "2026-11-01")]), names: names)
        let tokens = TokenCounts(input: 1_000_000, output: 6)
        let estimate = pricing.estimate(tokens, calls: 2, modelID: "a.b", region: "us-east-1", on: Self.day)
        #expect(estimate.high.description == "3")
        #expect(estimate.unpriced == TokenCounts(output: 6))
    }

    @Test(arguments: ["us-gov-west-1", "us-east-2", ""])
    func `A region that no list holds has no other region's price`(region: String) throws {
        let names = ModelNames(names: ["a.b": ["Claude Sonnet 4.6"]])
        let pricing = Pricing(table: PriceTable([try row("3", from: "2026-11-01")]), names: names)
        let estimate = pricing.estimate(TokenCounts(input: 9), calls: 1, modelID: "a.b", region: region, on: Self.day)
        #expect(estimate.high == .zero)
        #expect(estimate.unpriced.input == 9)
    }

    @Test
    func `An alias names a price list's model, with or without the edition`() throws {
        let names = ModelNames(
            names: ["a.b": ["Wrong"]],
            aliases: [
                "a.b": "Claude Sonnet 4.6 (Amazon Bedrock Edition)",
                "arn:aws:bedrock:r:1:application-inference-profile/p": "global.a.b",
            ]
        )
        #expect(names.pricing(of: "us.a.b").names == ["Claude Sonnet 4.6"])
        let profile = names.pricing(of: "arn:aws:bedrock:r:1:application-inference-profile/p")
        #expect(profile.names == ["Claude Sonnet 4.6"])
        #expect(profile.routing == .global)
    }
}
