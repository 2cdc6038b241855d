import BursarFoundation
import Crypto
import Spend
import Testing

/// Events of CloudWatch Logs that hold records, and the keys of records.
struct LogEventTests {
    private static let record =
        #"{"timestamp":"2026-11-02T10:00:01Z","accountId":"1","region":"r","requestId":"a","modelId":"m","input":{"inputTokenCount":7},"schemaType":"ModelInvocationLog","schemaVersion":"1.0"}"#

    private static func event(_ message: String) throws -> String {
        struct Event: Encodable {
            let eventId = "1"
            let ingestionTime = 1_793_613_700_000
            let logStreamName = "aws/bedrock/modelinvocations"
            let message: String
            let timestamp = 1_793_613_601_000
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        return String(decoding: try encoder.encode(Event(message: message)), as: UTF8.self)
    }

    @Test
    func `An event is read as the record in its message`() throws {
        #expect(LogScanner.line(try Self.event(Self.record)) == LogScanner.line(Self.record))
        guard case .call(let call) = LogScanner.line(try Self.event(Self.record)) else {
            Issue.record("the event is no call")
            return
        }
        #expect(call.tokens.input == 7 && call.time == 1_793_613_601_000)
        let check = "Permissions are correctly set for Amazon Bedrock logs."
        #expect(LogScanner.line(try Self.event(check)) == .ignored)
    }

    @Test(arguments: ["", "x", "{", #"{"message":"{}"}"#, "2026-11-02T10:00:01Z "])
    func `A message that is no record can't be counted, or says nothing`(message: String) throws {
        let line = LogScanner.line(try Self.event(message))
        #expect(line == (message.isEmpty ? .ignored : .quarantined(.notJSON)))
    }

    @Test
    func `A record that holds a message of its own is a record`() {
        let record = Self.record.replacing("{\"timestamp\"", with: #"{"message":"x","timestamp""#)
        #expect(LogScanner.line(record) == LogScanner.line(Self.record))
    }

    @Test
    func `A time that is alone on its line, and NUL in a text, are refused`() {
        #expect(LogScanner.line("2026-11-02T10:00:01Z ") == .quarantined(.notJSON))
        let record = Self.record.replacing(#""modelId":"m""#, with: #""modelId":"m\u0000""#)
        #expect(LogScanner.line(record) == .quarantined(.notJSON))
    }

    @Test
    func `A key is the beginning of SHA-256 over the lengths and texts, in the order of its bytes`() throws {
        func key(_ id: String) throws -> CallKey {
            guard case .call(let call) = LogScanner.line(Self.record.replacing(#""a""#, with: "\"\(id)\"")) else {
                throw CancellationError()
            }
            return CallKey(call)
        }
        let text: [UInt8] = [0, 0, 0, 1, 0x31, 0, 0, 0, 1, 0x72, 0, 0, 0, 2] + Array("é".utf8)
        #expect(try key("é").digest == Array(SHA256.hash(data: text).prefix(16)))
        let keys = try (0..<200).map { try key("id-\($0)") }
        let sorted = keys.sorted().map(\.digest)
        #expect(sorted == keys.map(\.digest).sorted { $0.lexicographicallyPrecedes($1) })
        let again = try sorted.map { digest in
            try #require(digest.withUnsafeBytes { CallKey(hour: keys[0].hour, digest: $0) })
        }
        #expect(Set(again) == Set(keys))
    }

    @Test
    func `Sums of tokens end at the largest number`() {
        var tokens = TokenCounts(input: .max - 1, output: 1)
        tokens += TokenCounts(input: 5, output: 2)
        #expect(tokens == TokenCounts(input: .max, output: 3))
    }
}
