import BursarFoundation
import Spend
import Testing

struct LogScannerTests {
    /// A record with some fields replaced by the JSON in `changes`; an empty text leaves one out.
    private func record(_ changes: [String: String] = [:]) -> String {
        var fields = [
            "timestamp": #""2026-11-02T10:00:01Z""#, "accountId": #""123456789012""#, "region": #""us-east-1""#,
            "requestId": #""r-1""#, "operation": #""Converse""#, "modelId": #""amazon.nova-lite-v1:0""#,
            "input": #"{"inputTokenCount":4,"cacheReadInputTokenCount":3,"cacheWriteInputTokenCount":2}"#,
            "output": #"{"outputTokenCount":1}"#, "schemaType": #""ModelInvocationLog""#, "schemaVersion": #""1.0""#,
            "identity": #"{"arn":"arn:aws:sts::123456789012:assumed-role/bursar-bedrock/ada"}"#,
        ]
        for (name, value) in changes { fields[name] = value.isEmpty ? nil : value }
        return "{" + fields.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}"
    }

    private func call(_ changes: [String: String] = [:]) throws -> LoggedCall {
        guard case .call(let call) = LogScanner.line(record(changes)) else {
            throw Unexpected(line: LogScanner.line(record(changes)))
        }
        return call
    }

    private struct Unexpected: Error {
        let line: LogLine
    }

    @Test
    func `A record's fields are read in any order`() throws {
        let call = try call()
        #expect(call.tokens == TokenCounts(input: 4, output: 1, cacheRead: 3, cacheWrite: 2))
        #expect(call.time == 1_793_613_601_000)
        #expect(call.caller == "arn:aws:sts::123456789012:assumed-role/bursar-bedrock/ada")
        #expect(!call.isError)
    }

    @Test
    func `Absent counts are zero, and a failed call is kept`() throws {
        let call = try call(["input": "", "output": "null", "errorCode": #""ThrottlingException""#])
        #expect(call.tokens == .zero)
        #expect(call.isError)
    }

    @Test(arguments: [
        #"{"inputBodyJson":{"inputTokenCount":9,"a":[{"b":"}\""}]},"inputTokenCount":4}"#,
        #"{"inputTokenCount":4,"inputBodyJson":[[1.5e-3,true,null],{}]}"#,
    ])
    func `Bodies are skipped whatever they hold`(input: String) throws {
        let call = try call(["input": input, "requestMetadata": #"{"researcher":"ben","identity":{"arn":"x"}}"#])
        #expect(call.tokens.input == 4)
        #expect(call.caller?.hasSuffix("/ada") == true)
    }

    @Test(arguments: ["-1", "\"4\"", "1.5", "9007199254740992", "99999999999999999999", "true", "{}", "4e0"])
    func `A count that isn't a whole number below 2^53 is quarantined`(count: String) {
        let line = record(["output": #"{"outputTokenCount":\#(count)}"#])
        #expect(LogScanner.line(line) == .quarantined(.badCount))
    }

    @Test
    func `The largest count is read`() throws {
        #expect(try call(["output": #"{"outputTokenCount":9007199254740991}"#]).tokens.output == 9_007_199_254_740_991)
    }

    @Test(arguments: [
        ("schemaVersion", #""2.0""#), ("schemaVersion", "1.0"), ("schemaVersion", ""), ("schemaType", #""Other""#),
        ("schemaType", ""),
    ])
    func `Another schema is quarantined`(name: String, value: String) {
        let line = LogScanner.line(record([name: value]))
        #expect([.quarantined(.otherSchema), .quarantined(.missingField)].contains(line))
    }

    @Test(arguments: ["requestId", "modelId", "region", "accountId", "timestamp"])
    func `A record without one of the fields that a call is known by is quarantined`(name: String) {
        #expect(LogScanner.line(record([name: ""])) == .quarantined(.missingField))
        #expect(LogScanner.line(record([name: "null"])) == .quarantined(.missingField))
        #expect(LogScanner.line(record([name: "7"])) == .quarantined(.missingField))
    }

    @Test(arguments: [
        "2026-11-31T10:00:01Z", "yesterday", "2026-13-01T00:00:00Z", "2026-11-02T24:00:00Z", "1969-13-31T23:59:59Z", "",
    ])
    func `A time that there isn't is quarantined`(time: String) {
        #expect(LogScanner.line(record(["timestamp": "\"\(time)\""])) == .quarantined(.badTime))
    }

    @Test(arguments: [
        ("2026-11-02T10:00:01.250Z", 1_793_613_601_250), ("2026-11-02T11:00:01+01:00", 1_793_613_601_000),
        ("2024-02-29T23:59:59Z", 1_709_251_199_000), ("1970-01-01T00:00:00Z", 0),
    ])
    func `Times are read in every form of RFC 3339`(time: String, milliseconds: Int64) throws {
        #expect(try call(["timestamp": "\"\(time)\""]).time == milliseconds)
    }

    @Test
    func `What Bedrock writes when logging is switched on isn't a record, and no alarm`() {
        #expect(LogScanner.line("Permissions are correctly set for Amazon Bedrock logs.") == .ignored)
        #expect(LogScanner.line("Permissions are correctly set for Amazon Bedrock logs. \r") == .ignored)
        #expect(
            LogScanner.line("2026-11-02T10:00:01.000Z Permissions are correctly set for Amazon Bedrock logs.")
                == .ignored
        )
        #expect(LogScanner.line(" \t") == .ignored)
    }

    @Test
    func `A time that CloudWatch's export writes before a record is skipped`() throws {
        guard case .call = LogScanner.line("2026-11-02T10:00:01.000Z " + record()) else {
            Issue.record("not a call")
            return
        }
        #expect(LogScanner.line("2026-11-02 " + record()) == .quarantined(.notJSON))
    }

    @Test
    func `A record that is cut off anywhere is quarantined`() {
        let whole = record()
        let others = (1..<whole.utf8.count).filter {
            LogScanner.line(String(whole.prefix($0))) != .quarantined(.notJSON)
        }
        #expect(others == [])
    }

    @Test(arguments: [
        #"{"a":1}{"a":2}"#, #"{"a":01}"#, #"{"a":1,}"#, #"{"a" 1}"#, #"{"a":tru}"#, #"{"a":"\x"}"#, #"{"a":"\u12"}"#,
        "{\"a\":\"\u{1}\"}", #"{"a":[1 2]}"#, #"{"a":.5}"#, #"{"a":1.}"#, #"{"a":1e}"#, #"{'a':1}"#,
    ])
    func `What isn't JSON is quarantined`(line: String) {
        #expect(LogScanner.line(line) == .quarantined(.notJSON))
    }

    @Test
    func `A name that comes twice is quarantined, since readers differ in which one counts`() {
        let line = record().dropLast() + #","output":{"outputTokenCount":0}}"#
        #expect(LogScanner.line(String(line)) == .quarantined(.notJSON))
    }

    @Test
    func `A name that is spelled with escapes can't hide a field`() {
        let line = record(["output": #"{"outputTokenCoun\u0074":5}"#])
        #expect(LogScanner.line(line) == .quarantined(.notJSON))
    }

    @Test
    func `Escapes in a value are read`() throws {
        #expect(try call(["requestId": #""r\u002d1\/\u00e9""#]).requestID == "r-1/é")
    }

    @Test
    func `Nesting and length are bounded`() {
        let deep = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
        #expect(LogScanner.line(record(["x": deep])) == .quarantined(.notJSON))
        let long = "\"" + String(repeating: "a", count: LogScanner.longest) + "\""
        #expect(LogScanner.line(record(["x": long])) == .quarantined(.tooLong))
    }

    @Test
    func `The hour of a time is rounded down, before 1970 too`() throws {
        func hour(_ time: Int64) -> Int64 {
            LoggedCall(
                time: time,
                account: "",
                region: "",
                requestID: "",
                operation: "",
                modelID: "",
                caller: nil,
                tokens: .zero
            ).hour
        }
        #expect([0, 3_599_999, 3_600_000, -1, -3_600_000, -3_600_001].map(hour) == [0, 0, 1, -1, -1, -2])
    }
}
