import Storage
import Testing

@testable import admin

/// Heads of the chain, as they are found in logs.
@Suite struct AnchorLogTests {
    private static let head = String(repeating: "0f", count: 32)
    private static let json =
        #"{"time":"2026-11-21T12:00:00.000Z","level":"notice","message":"chain","head":"\#(head)","sequence":"42"}"#
    private static let text = "2026-11-21T12:00:00.000Z notice chain head=\(head) sequence=42"

    private func anchors(_ log: String, pieces: Int = .max) -> [ChainAnchor] {
        var reader = AnchorLog()
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

    @Test func `a server at rest says the same again`() {
        #expect(anchors("\(Self.json)\n\(Self.text)\n\(Self.json)\n").count == 1)
    }
}
