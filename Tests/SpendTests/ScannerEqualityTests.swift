import BursarFoundation
import Spend
import Testing

/// The scanner against `JSONDecoder`, on records made at random.
struct ScannerEqualityTests {
    private struct Record: Codable {
        var timestamp = "2026-11-02T10:00:01Z"
        var accountId = "123456789012"
        var region = "us-east-1"
        var requestId: String
        var operation: String?
        var modelId: String
        var input: Input?
        var output: Output?
        var identity: Identity?
        var errorCode: String?
        var requestMetadata: [String: String]?
        var schemaType = "ModelInvocationLog"
        var schemaVersion = "1.0"

        struct Input: Codable {
            var inputTokenCount: Int64?
            var cacheReadInputTokenCount: Int64?
            var cacheWriteInputTokenCount: Int64?
            var inputBodyJson: [[String: [Double]]]?
        }

        struct Output: Codable {
            var outputTokenCount: Int64?
            var outputBodyJson: [String: String?]?
        }

        struct Identity: Codable {
            var arn: String?
        }

        func call() -> LoggedCall {
            LoggedCall(
                time: 1_793_613_601_000,
                account: accountId,
                region: region,
                requestID: requestId,
                operation: operation ?? "",
                modelID: modelId,
                caller: identity?.arn,
                tokens: TokenCounts(
                    input: input?.inputTokenCount ?? 0,
                    output: output?.outputTokenCount ?? 0,
                    cacheRead: input?.cacheReadInputTokenCount ?? 0,
                    cacheWrite: input?.cacheWriteInputTokenCount ?? 0
                ),
                isError: errorCode != nil
            )
        }
    }

    /// A record without its bodies, which may be anything.
    private struct Counted: Decodable {
        let call: LoggedCall

        private enum Name: String, CodingKey {
            case timestamp, accountId, region, requestId, operation, modelId, input, output, identity, errorCode
            case schemaType, schemaVersion
        }

        private struct Input: Decodable {
            let inputTokenCount, cacheReadInputTokenCount, cacheWriteInputTokenCount: Int64?
        }

        private struct Output: Decodable {
            let outputTokenCount: Int64?
        }

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: Name.self)
            let input = try values.decodeIfPresent(Input.self, forKey: .input)
            call = LoggedCall(
                time: 1_793_613_601_000,
                account: try values.decode(String.self, forKey: .accountId),
                region: try values.decode(String.self, forKey: .region),
                requestID: try values.decode(String.self, forKey: .requestId),
                operation: try values.decodeIfPresent(String.self, forKey: .operation) ?? "",
                modelID: try values.decode(String.self, forKey: .modelId),
                caller: try values.decodeIfPresent(Record.Identity.self, forKey: .identity)?.arn,
                tokens: TokenCounts(
                    input: input?.inputTokenCount ?? 0,
                    output: try values.decodeIfPresent(Output.self, forKey: .output)?.outputTokenCount ?? 0,
                    cacheRead: input?.cacheReadInputTokenCount ?? 0,
                    cacheWrite: input?.cacheWriteInputTokenCount ?? 0
                ),
                isError: try values.decodeIfPresent(String.self, forKey: .errorCode) != nil
            )
        }
    }

    /// SplitMix64, so that a failure can be repeated.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    private static let scalars = Array("abc-/.:\"\\{}[],\n\t\u{1}é漢😀 09".unicodeScalars)

    private static func text(_ random: inout Generator) -> String {
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 1...40, using: &random) {
            text.append(scalars[Int.random(in: 0..<scalars.count, using: &random)])
        }
        return String(text)
    }

    private static func maybe<Value>(_ value: Value, _ random: inout Generator) -> Value? {
        Int.random(in: 0..<4, using: &random) == 0 ? nil : value
    }

    private static func record(_ random: inout Generator) -> Record {
        var record = Record(requestId: text(&random), modelId: text(&random))
        record.operation = maybe(text(&random), &random)
        let count = { (random: inout Generator) in maybe(Int64.random(in: 0..<(1 << 53), using: &random), &random) }
        record.input = maybe(
            .init(
                inputTokenCount: count(&random),
                cacheReadInputTokenCount: count(&random),
                cacheWriteInputTokenCount: count(&random),
                inputBodyJson: maybe([[text(&random): [1.5, -2e300, 0]], [:]], &random)
            ),
            &random
        )
        record.output = maybe(
            .init(
                outputTokenCount: count(&random),
                outputBodyJson: maybe([text(&random): maybe(text(&random), &random)], &random)
            ),
            &random
        )
        record.identity = maybe(.init(arn: maybe(text(&random), &random)), &random)
        record.errorCode = maybe(text(&random), &random)
        record.requestMetadata = maybe([text(&random): text(&random)], &random)
        return record
    }

    @Test(arguments: [1, 2, 3, 4])
    func `Records are read as JSONDecoder reads them`(seed: UInt64) throws {
        var random = Generator(state: seed)
        let encoder = JSONEncoder()
        for turn in 0..<1000 {
            encoder.outputFormatting =
                turn.isMultiple(of: 2) ? [] : [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            let data = try encoder.encode(Self.record(&random))
            let expected = try JSONDecoder().decode(Record.self, from: data).call()
            let line = data.withUnsafeBytes { LogScanner.line($0) }
            try #require(
                line == .call(expected),
                "seed \(seed), turn \(turn): \(String(decoding: data, as: UTF8.self))"
            )
        }
    }

    @Test(arguments: [5, 6])
    func `A record with one byte changed is never read as another JSON than JSONDecoder's`(seed: UInt64) throws {
        var random = Generator(state: seed)
        var calls = 0
        for turn in 0..<4000 {
            var data = try JSONEncoder().encode(Self.record(&random))
            data[Int.random(in: 0..<data.count, using: &random)] = UInt8.random(in: 0x20...0x7E, using: &random)
            // In what is skipped the scanner doesn't look for broken UTF-8, which JSONDecoder refuses anywhere.
            guard String(validating: data, as: UTF8.self) != nil else { continue }
            guard case .call(let call) = data.withUnsafeBytes({ LogScanner.line($0) }), call.time == 1_793_613_601_000
            else {
                continue
            }
            calls += 1
            let expected = try? JSONDecoder().decode(Counted.self, from: data).call
            try #require(call == expected, "seed \(seed), turn \(turn): \(String(decoding: data, as: UTF8.self))")
        }
        #expect(calls > 500)
    }
}
