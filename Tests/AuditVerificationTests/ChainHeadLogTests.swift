import Storage
import Testing

@testable import AuditVerification

/// Heads of the chain, as they are found in logs.
@Suite struct ChainHeadLogTests {
    private static let head = String(repeating: "0f", count: 32)
    private static let json =
        #"{"time":"2026-11-21T12:00:00.000Z","level":"notice","message":"chain","head":"\#(head)","sequence":"42"}"#
    private static let text = "2026-11-21T12:00:00.000Z notice chain head=\(head) sequence=42"

    private func anchors(_ log: String, pieces: Int = .max) -> [ChainAnchor] {
        var reader = ChainHeadLog()
        var rest = Array(log.utf8)[...]
        while !rest.isEmpty {
            Array(rest.prefix(pieces)).withUnsafeBytes { reader.append($0) }
            rest = rest.dropFirst(min(pieces, rest.count))
        }
        reader.finish()
        return reader.anchors
    }

    @Test(arguments: [
        json, text, "Nov 21 12:00:00 vend1 vending-server[812]: " + json, "vend1 vending-server[812]: " + text,
        #"{"_PID":"812","MESSAGE":"\#(json.replacing("\"", with: "\\\""))"}"#, json + "\r",
        // What CloudWatch's agent makes of the journal.
        #"{"body":{"MESSAGE":"\#(json.replacing("\"", with: "\\\""))","_PID":"812"},"time":1}"#,
        #"{"body":{"MESSAGE":"\#(text)","PRIORITY":"6"}}"#, #"{"body":"\#(json.replacing("\"", with: "\\\""))"}"#,
        // Docker's file, a node's of Kubernetes, fluent-bit.
        #"{"log":"\#(json.replacing("\"", with: "\\\""))\n","stream":"stderr","time":"2026-11-21T12:00:00Z"}"#,
        "2026-11-21T12:00:00.0Z stderr F " + json,
        // `aws logs tail`, `--output text`, a table's row, YAML, a spreadsheet of the console's.
        "2026-11-21T12:00:00+00:00 vend1 " + json, "EVENTS\t39\t1795262400000\tvend1\t\(json)\t1795262400000",
        "EVENTS\t39\t1795262400000\tvend1\t\(text)\t1795262400000", "|  \(json)  |  1795262400000  |",
        "  message: '\(json)'", "1795262400000,\"\(json.replacing("\"", with: "\"\""))\"",
    ])
    func `a head is found in each of the log's forms`(_ line: String) throws {
        let anchor = try #require(ChainAnchor(sequence: 42, hash: Self.head))
        #expect(anchors(line) == [anchor])
        #expect(anchors("noise\n\(line)\nnoise {\n", pieces: 7) == [anchor])
    }

    @Test(arguments: [
        "", "chain", "2026 notice chain head=00 sequence=1", "notice chain sequence=42",
        "notice chain head=\(head)", json.replacing("chain", with: "unchained"),
        json.replacing("\"42\"", with: "\"-1\""), json.replacing(head, with: "xyz"),
        text + String(repeating: " ", count: 20_000),
    ])
    func `what tells no head is passed over`(_ line: String) {
        #expect(anchors(line).isEmpty)
    }

    /// The output of `aws logs filter-log-events` and `get-log-events`, a subscription's, and JSON in several lines.
    @Test(arguments: ["filter", "get", "compact", "subscription", "tail"], [json, text, "agent", "journal"])
    func `heads are found in documents of any size that hold events`(form: String, line: String) throws {
        var line = line
        if line == "agent" { line = #"{"body":{"MESSAGE":"\#(Self.json.replacing("\"", with: "\\\""))"}}"# }
        if line == "journal" { line = #"{"MESSAGE":"\#(Self.text)"}"# }
        let quoted = line.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        let noise = String(repeating: "x", count: 30_000)
        let head = try #require(ChainAnchor(sequence: 42, hash: Self.head))
        let document: String
        switch form {
        case "filter":
            let events = ["started { \\\"chain", quoted, noise, quoted.replacing("42", with: "43")].map {
                """
                        {
                            "logStreamName": "vend1",
                            "timestamp": 1795262400000,
                            "message": "\($0)",
                            "eventId": "39"
                        }
                """
            }
            document =
                "{\n    \"events\": [\n\(events.joined(separator: ",\n"))\n    ],\n    \"searchedLogStreams\": []\n}\n"
        case "get":
            document = "{\n  \"nextForwardToken\": \"f/1\",\n  \"events\": [\n    {\"message\": \"\(quoted)\"}\n  ]\n}"
        case "compact":
            let many = Array(repeating: #"{"message":"\#(noise.prefix(900))"}"#, count: 40).joined(separator: ",")
            document = #"{"events":[\#(many),{"message":"\#(quoted)"}],"searchedLogStreams":[]}"#
        case "subscription":
            document = #"{"messageType":"DATA_MESSAGE","logEvents":[{"id":"1","timestamp":1,"message":"\#(quoted)"}]}"#
        default:
            // `aws logs tail --format json`
            let indented =
                line.hasPrefix("{")
                ? line.replacing(",\"", with: ",\n    \"").replacing("{\"", with: "{\n    \"") : line
            document = "2026-11-21T12:00:00+00:00 vend1\n\(indented)\n"
        }
        for pieces in [1, 7, .max] {
            let found = anchors("noise\n{\"cut\": [1,\n" + document, pieces: pieces)
            #expect(found.first == head, "\(form) \(line)")
            #expect(found.count == (form == "filter" ? 2 : 1))
        }
    }

    @Test(arguments: [
        #"{"level":"info","message":"refused","agent":"2026 notice chain sequence=42 head=\#(head)"}"#,
        #"{"level":"info","message":"refused","agent":"{\"message\":\"chain\",\"sequence\":\"42\",\"head\":\"\#(head)\"}"}"#,
        "2026 info refused agent=\"x notice chain sequence=42 head=\(head) \" cause=none",
        "2026 info refused agent={\"message\":\"refused\"} x chain sequence=42 head=\(head)",
        #"{"events":[{"message":"refused","note":"2026 notice chain sequence=42 head=\#(head)"}]}"#,
    ])
    func `a head inside a value of a line is none`(line: String) {
        #expect(anchors(line).isEmpty)
    }

    @Test func `heads are put in order, and each is kept once, contradictions included`() throws {
        let other = String(repeating: "1f", count: 32)
        let heads = try [(7, Self.head), (3, Self.head), (7, other), (7, Self.head), (3, Self.head)].map {
            try #require(ChainAnchor(sequence: Int64($0.0), hash: $0.1))
        }
        let distinct = ChainHeadLog.distinct(heads)
        #expect(distinct.map(\.sequence) == [3, 7, 7])
        #expect(Set(distinct) == Set(heads))
    }

    @Test func `a server at rest says the same again`() {
        #expect(anchors("\(Self.json)\n\(Self.text)\n\(Self.json)\n").count == 1)
    }
}
