import BursarFoundation
import BursarModel
import Spend
import Testing

struct PriceListTests {
    /// A list with one product, its attributes and its price given as JSON.
    private func list(
        _ attributes: String,
        unit: String = "1K tokens",
        price: String = #"{"USD":"0.0033000000"}"#,
        effective: String = "2026-10-01T00:00:00Z"
    ) throws -> PriceList {
        try PriceList(
            json: Data(
                #"""
                {"offerCode":"AmazonBedrock","publicationDate":"2026-11-01T00:00:00Z",
                "products":{"S":{"attributes":{"regionCode":"us-east-1",\#(attributes)}}},
                "terms":{"OnDemand":{"S":{"S.T":{"effectiveDate":"\#(effective)","priceDimensions":{"S.T.D":
                {"unit":"\#(unit)","pricePerUnit":\#(price)}}}}}}}
                """#.utf8
            )
        )
    }

    private func usage(_ type: String) -> String { #""model":"M","usagetype":"\#(type)""# }

    private func marketplace(_ type: String) -> String {
        #""servicename":"M (Amazon Bedrock Edition)","usagetype":"USE1-MP:USE1_\#(type)-Units""#
    }

    @Test(arguments: [
        ("USE1-NovaLite-input-tokens", Routing.regional, PricedClass.input),
        ("USE1-NovaLite-output-tokens", .regional, .output),
        ("USE1-NovaLite-cache-read-input-token-count", .regional, .cacheRead),
        ("USE1-NovaLite-cache-write-input-token-count", .regional, .cacheWrite),
        ("USE1-Nova2-input-tokens-cross-region-global", .global, .input),
        ("USE1-qwen.qwen3-32b-v1-input-tokens-standard", .regional, .input),
        ("USE1-qwen.qwen3-32b-v1-output-tokens-global-standard", .global, .output),
        ("USE1-some.model-cache-read-tokens-standard", .regional, .cacheRead),
    ])
    func `AWS's own models are known by the end of their usage type`(type: String, routing: Routing, kind: PricedClass)
        throws
    {
        let list = try list(usage(type))
        #expect(list.rows.map(\.key) == [PriceKey(model: "M", region: "us-east-1", routing: routing, kind: kind)])
        #expect(list.rows[0].price?.perMillion.description == "3.3")
    }

    @Test(arguments: [
        ("InputTokenCount", Routing.regional, PricedClass.input), ("OutputTokenCount_Global", .global, .output),
        ("CacheReadInputTokenCount", .regional, .cacheRead), ("CacheWriteInputTokenCount_Global", .global, .cacheWrite),
        ("CacheWrite1hInputTokenCount", .regional, .cacheWrite1h), ("input_tokens_standard", .regional, .input),
        ("output_tokens_global_standard", .global, .output), ("cache_read_tokens_standard", .regional, .cacheRead),
        ("cache_write_tokens_global_standard", .global, .cacheWrite), ("InputTokenCount_Geo", .regional, .input),
        ("cache_write_tokens_1h_standard", .regional, .cacheWrite1h),
        ("CacheWrite5mInputTokenCount", .regional, .cacheWrite),
    ])
    func `The marketplace's models are known by the whole of it`(type: String, routing: Routing, kind: PricedClass)
        throws
    {
        let list = try list(marketplace(type), unit: "Units", price: #"{"USD":"3.3000000000"}"#)
        #expect(list.rows.map(\.key) == [PriceKey(model: "M", region: "us-east-1", routing: routing, kind: kind)])
        #expect(list.rows[0].price?.perMillion.description == "3.3")
    }

    @Test(arguments: [
        "USE1-NovaLite-input-tokens-batch", "USE1-NovaLite-input-tokens-flex", "USE1-NovaLite-output-tokens-priority",
        "USE1-NovaCanvas-T2I-1024-Standard", "USE1-Nova-input-tokens-latency-optimized",
        "USE1-Nova-input-tokens-flex-cross-region-global", "USE1-xai.grok-mantle-input-tokens-standard",
    ])
    func `Batch and other tiers never stand in for the price on demand`(type: String) throws {
        let list = try list(usage(type))
        #expect(list.rows.isEmpty)
        #expect(list.others == 1)
        #expect(list.faults.isEmpty)
    }

    @Test(arguments: [
        "InputTokenCount_Batch", "InputTokenCount_Global_Batch", "input_tokens_flex", "InputTokenCount_LCtx",
        "CacheWrite30mInputTokenCount", "CacheStorage", "cache_write_tokens_30m_standard",
        "input_tokens_long_ctx_standard",
    ])
    func `Nor do those of the marketplace`(type: String) throws {
        #expect(try list(marketplace(type), unit: "Units").rows.isEmpty)
    }

    @Test
    func `A model without a name is known by its usage type's`() throws {
        let list = try list(
            #""titanModel":"Titan Embeddings G1 Text","usagetype":"APN1-TitanEmbeddingsG1-Text-input-tokens""#
        )
        #expect(list.rows.map(\.key.model) == ["TitanEmbeddingsG1-Text"])
    }

    @Test
    func `Training isn't a call`() throws {
        let list = try list(
            usage("USE1-NovaMicro-Model-Customization-input-tokens") + #","feature":"Model Customization""#
        )
        #expect(list.rows.isEmpty)
        #expect(list.faults.isEmpty)
    }

    @Test(arguments: [
        ("images", #"{"USD":"0.0033000000"}"#), ("1K tokens", #"{"USD":"0.00000000000001"}"#),
        ("1M tokens", #"{"USD":"0.00000000001"}"#), ("1K tokens", #"{"CNY":"1"}"#), ("1K tokens", #"{"USD":"-1"}"#),
    ])
    func `A price that can't be taken exactly is named, not taken`(unit: String, price: String) throws {
        let list = try list(usage("USE1-NovaLite-input-tokens"), unit: unit, price: price)
        #expect(list.rows.isEmpty)
        #expect(list.faults.count == 1)
        #expect(list.faults[0].hasPrefix("S (M, us-east-1, input): "))
    }

    @Test
    func `A date that can't be read is named`() throws {
        #expect(try list(usage("USE1-A-input-tokens"), effective: "soon").faults.count == 1)
    }

    @Test
    func `A model with two prices for one kind of token has none`() throws {
        func product(_ usage: String) -> String {
            #"{"attributes":{"regionCode":"us-east-1","model":"Nova Sonic","usagetype":"\#(usage)"}}"#
        }
        func term(_ price: String) -> String {
            #"{"T":{"effectiveDate":"2026-10-01T00:00:00Z","priceDimensions":{"D":{"unit":"1K tokens","pricePerUnit":{"USD":"\#(price)"}}}}}"#
        }
        func list(_ one: String, _ other: String) throws -> PriceList {
            try PriceList(
                json: Data(
                    #"""
                    {"offerCode":"AmazonBedrock","publicationDate":"","products":{"A":\#(product("USE1-NovaSonic-text-input-tokens")),
                    "B":\#(product("USE1-NovaSonic-speech-input-tokens"))},"terms":{"OnDemand":{"A":\#(term(one)),"B":\#(term(other))}}}
                    """#.utf8
                )
            )
        }
        #expect(try list("0.00006", "0.0034").rows.isEmpty)
        #expect(try list("0.00006", "0.0034").faults == ["Nova Sonic, us-east-1, input: several prices"])
        #expect(try list("0.00006", "0.00006").rows.count == 1)
    }

    @Test
    func `What is no price list, or another service's, is refused`() {
        #expect(throws: PriceList.ParseError.notPriceList) { try PriceList(json: Data("{}".utf8)) }
        #expect(throws: PriceList.ParseError.notPriceList) { try PriceList(json: Data("<html>".utf8)) }
        let other = #"{"offerCode":"AmazonEC2","publicationDate":"","products":{},"terms":{}}"#
        #expect(throws: PriceList.ParseError.otherOffer("AmazonEC2")) { try PriceList(json: Data(other.utf8)) }
    }
}
