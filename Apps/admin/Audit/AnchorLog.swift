import Storage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Finds the chain's heads in the server's log: its JSON or text lines, also as journalctl prints them.
struct AnchorLog {
    /// More anchors than eight years of minutes; what is kept of each takes 48 bytes.
    static let limit = 4_000_000
    /// Longer lines aren't the server's.
    private static let longest = 16 << 10

    private(set) var anchors: [ChainAnchor] = []
    /// Whether there were more than ``limit``.
    private(set) var isFull = false
    private var line: [UInt8] = []
    private var isOverlong = false

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            take(rest[..<end])
            finish()
            rest = rest[(end + 1)...]
        }
        take(rest)
    }

    /// The last line may have no end.
    mutating func finish() {
        defer {
            line.removeAll(keepingCapacity: true)
            isOverlong = false
        }
        guard !isOverlong, line.firstRange(of: Self.word) != nil else { return }
        guard let anchor = Self.anchor(in: String(decoding: line, as: UTF8.self)), anchor != anchors.last else {
            return
        }
        guard anchors.count < Self.limit else {
            isFull = true
            return
        }
        anchors.append(anchor)
    }

    private static let word = Array("chain".utf8)

    private mutating func take(_ bytes: Slice<UnsafeRawBufferPointer>) {
        guard line.count + bytes.count <= Self.longest else {
            isOverlong = true
            return
        }
        line.append(contentsOf: bytes)
    }

    /// The head that a line tells; nil when it is another line.
    static func anchor(in line: String) -> ChainAnchor? {
        if let start = line.firstIndex(of: "{"), let anchor = anchor(inJSON: line[start...]) { return anchor }
        guard let message = line.firstRange(of: " chain ") else { return nil }
        var fields: [Substring: Substring] = [:]
        for word in line[message.upperBound...].split(separator: " ") {
            let parts = word.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { fields[parts[0]] = parts[1] }
        }
        guard let sequence = fields["sequence"].flatMap({ Int64($0) }), let head = fields["head"] else { return nil }
        return ChainAnchor(sequence: sequence, hash: head)
    }

    private struct Entry: Decodable {
        let message: String?
        let sequence: String?
        let head: String?
        /// What journalctl's own JSON has a line in.
        let journal: String?

        enum CodingKeys: String, CodingKey {
            case message, sequence, head
            case journal = "MESSAGE"
        }
    }

    private static func anchor(inJSON text: Substring) -> ChainAnchor? {
        guard let entry = try? JSONDecoder().decode(Entry.self, from: Data(text.utf8)) else { return nil }
        if let inner = entry.journal, !inner.contains("\"MESSAGE\"") { return anchor(in: inner) }
        guard entry.message == "chain", let sequence = entry.sequence.flatMap({ Int64($0) }), let head = entry.head
        else { return nil }
        return ChainAnchor(sequence: sequence, hash: head)
    }
}
