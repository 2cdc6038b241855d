import BursarFoundation
import BursarModel
import Spend
import Testing

/// The totals of the vectors, to the last digit.
struct VectorTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Vectors")

    private struct Expected: Decodable {
        let ignored: Int
        let quarantined: Int
        let duplicates: Int
        let calls: Int
        let low: [String: String]
        let high: [String: String]
        let unpricedTokens: [Unpriced]
        let afterTheProfileIsKnown: After

        struct Unpriced: Decodable, Hashable {
            let who: String
            let model: String
            let `class`: String
            let tokens: Int64
        }

        struct After: Decodable {
            let low: [String: String]
            let high: [String: String]
        }
    }

    private static let names = [
        "anthropic.claude-sonnet-4-6": "Claude Sonnet 4.6",
        "anthropic.claude-opus-4-5-20251101-v1:0": "Claude Opus 4.5",
        "anthropic.claude-opus-4-6-v1": "Claude Opus 4.6", "anthropic.claude-opus-4-7": "Claude Opus 4.7",
        "anthropic.claude-haiku-4-5-20251001-v1:0": "Claude Haiku 4.5", "amazon.nova-lite-v1:0": "Nova Lite",
        "amazon.titan-embed-text-v2:0": "Titan Text Embeddings V2",
    ]

    private static func data(_ name: String) throws -> Data {
        try Data(contentsOf: folder.appending(path: name))
    }

    private static func table() throws -> PriceTable {
        let lists = try ["AmazonBedrock", "AmazonBedrockFoundationModels"].map { offer in
            try PriceList(json: try data("offer-\(offer).json"))
        }
        #expect(lists.flatMap(\.faults).isEmpty)
        return PriceTable(lists.flatMap(\.rows))
    }

    /// The distinct calls, and the number of lines of the other kinds.
    private static func lines() throws -> (calls: [LoggedCall], ignored: Int, quarantined: Int, duplicates: Int) {
        var (calls, known, ignored, quarantined, duplicates) = ([LoggedCall](), Set<String>(), 0, 0, 0)
        for line in String(decoding: try data("records.jsonl"), as: UTF8.self).split(separator: "\n") {
            switch LogScanner.line(String(line)) {
            case .ignored: ignored += 1
            case .quarantined: quarantined += 1
            case .call(let call):
                if known.insert(call.requestID).inserted { calls.append(call) } else { duplicates += 1 }
            }
        }
        return (calls, ignored, quarantined, duplicates)
    }

    private static func researcher(_ call: LoggedCall) -> String {
        let role = "arn:aws:sts::123456789012:assumed-role/bursar-bedrock/"
        guard let caller = call.caller, caller.hasPrefix(role) else { return "(unattributed)" }
        return String(caller.dropFirst(role.count))
    }

    private static func estimates(_ aliases: [String: String]) throws -> [String: Estimate] {
        let pricing = Pricing(table: try table(), names: ModelNames(names: names.mapValues { [$0] }, aliases: aliases))
        var estimates: [String: Estimate] = [:]
        for call in try lines().calls {
            let day = UTCDay(number: call.hour / 24)
            estimates[researcher(call), default: Estimate()] += pricing.estimate(
                call.tokens,
                calls: 1,
                modelID: call.modelID,
                region: call.region,
                on: day
            )
        }
        return estimates
    }

    @Test
    func `The vectors' lines are sorted as they should be`() throws {
        let expected = try JSONDecoder().decode(Expected.self, from: try Self.data("expected.json"))
        let lines = try Self.lines()
        #expect(lines.calls.count == expected.calls)
        #expect(lines.ignored == expected.ignored)
        #expect(lines.quarantined == expected.quarantined)
        #expect(lines.duplicates == expected.duplicates)
    }

    @Test
    func `The vectors' totals come out to the last digit`() throws {
        let expected = try JSONDecoder().decode(Expected.self, from: try Self.data("expected.json"))
        let estimates = try Self.estimates([:])
        #expect(estimates.mapValues(\.low.description) == expected.low)
        #expect(estimates.mapValues(\.high.description) == expected.high)
        let unpriced = TokenClass.allCases.flatMap { kind in
            estimates.compactMap { who, estimate in
                estimate.unpriced[kind] == 0
                    ? nil
                    : Expected.Unpriced(
                        who: who,
                        model: "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcd1234efgh",
                        class: kind.rawValue,
                        tokens: estimate.unpriced[kind]
                    )
            }
        }
        #expect(Set(unpriced) == Set(expected.unpricedTokens))
    }

    @Test
    func `A profile's model, once it is known, prices its past calls`() throws {
        let expected = try JSONDecoder().decode(Expected.self, from: try Self.data("expected.json"))
            .afterTheProfileIsKnown
        let profile = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcd1234efgh"
        let estimates = try Self.estimates([profile: "us.anthropic.claude-sonnet-4-6"])
        #expect(estimates.mapValues(\.low.description) == expected.low)
        #expect(estimates.mapValues(\.high.description) == expected.high)
        #expect(estimates.values.map(\.unpricedCalls) == [0, 0, 0])
    }
}
