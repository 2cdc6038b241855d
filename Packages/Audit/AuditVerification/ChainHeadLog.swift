import BursarFoundation
package import Storage

/// Finds the chain's heads in logs: the server's JSON or text lines as they are, as wrapped by journalctl, Docker or
/// CloudWatch's agent, and in the output of `aws logs`.
///
/// The input is lines of text and JSON documents, one after another. The events of a document with a list `events` or
/// `logEvents` are read one by one, so that it may be of any size. Only a log line itself yields a head, never a value
/// within one.
package struct ChainHeadLog {
    /// The limit of anchors, more than eight years of minutes; each takes 48 bytes.
    package static let limit = 4_000_000
    /// The limit of a line or an event; the server writes no longer ones.
    private static let longest = 16 << 10
    private static let deepest = 64
    private static let lists: Set<[UInt8]> = [Array("events".utf8), Array("logEvents".utf8)]

    package private(set) var anchors: [ChainAnchor] = []
    /// True if there were more than ``limit``.
    package private(set) var isFull = false

    /// The current item: a line, or the JSON event or document on it.
    private var text: [UInt8] = []
    private var isOverlong = false
    private var isLineStart = true
    /// The open brackets of the current document, `{` or `[`; empty between documents.
    private var open: [UInt8] = []
    private var isInString = false
    private var isEscaped = false
    /// The last string at the document's top level.
    private var key: [UInt8] = []
    private var isInList = false
    private var hasList = false

    package init() {}

    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        for byte in bytes {
            if open.isEmpty { line(byte) } else { document(byte) }
            isLineStart = byte == UInt8(ascii: "\n")
        }
    }

    /// Ends the input, whose last line may lack a line break.
    package mutating func finish() {
        endLine()
    }

    /// Returns the anchors in order and without repetitions: an idle server logs the same head each minute.
    package static func distinct(_ anchors: [ChainAnchor]) -> [ChainAnchor] {
        var seen: Set<ChainAnchor> = []
        var distinct: [ChainAnchor] = []
        for anchor in anchors.sorted() {
            if anchor.sequence != distinct.last?.sequence { seen.removeAll(keepingCapacity: true) }
            if seen.insert(anchor).inserted { distinct.append(anchor) }
        }
        return distinct
    }

    // MARK: Lines

    private mutating func line(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\n"): endLine()
        case UInt8(ascii: "{") where text.isEmpty && !isOverlong:
            hasList = false
            begin(byte)
        case UInt8(ascii: " ") where text.isEmpty, UInt8(ascii: "\t") where text.isEmpty: break
        default: keep(byte)
        }
    }

    private mutating func endLine() {
        take { Self.anchor(in: $0) }
        open.removeAll(keepingCapacity: true)
        (isInString, isEscaped, isInList) = (false, false, false)
    }

    private mutating func keep(_ byte: UInt8) {
        if text.count < Self.longest { text.append(byte) } else { isOverlong = true }
    }

    private mutating func forget() {
        text.removeAll(keepingCapacity: true)
        isOverlong = false
    }

    /// Parses the current item if it may contain a head.
    private mutating func take(_ anchor: (String) -> ChainAnchor?) {
        defer { forget() }
        guard !isOverlong, text.firstRange(of: Self.word) != nil,
            let anchor = anchor(String(decoding: text, as: UTF8.self)), anchor != anchors.last
        else { return }
        guard anchors.count < Self.limit else {
            isFull = true
            return
        }
        anchors.append(anchor)
    }

    private static let word = Array("chain".utf8)

    // MARK: Documents

    private mutating func document(_ byte: UInt8) {
        // Indented text belongs to a document; anything else at a line's start begins a new item after one that was cut
        // off.
        if isLineStart, !" \t\r\n}]".utf8.contains(byte) {
            endLine()
            return line(byte)
        }
        if isInString { return string(byte) }
        switch byte {
        case UInt8(ascii: "\""):
            isInString = true
            if open.count == 1 { key.removeAll(keepingCapacity: true) }
            keep(byte)
        case UInt8(ascii: "{"), UInt8(ascii: "["): begin(byte)
        case UInt8(ascii: "}"), UInt8(ascii: "]"): end(byte)
        default: keep(byte)
        }
    }

    private mutating func string(_ byte: UInt8) {
        keep(byte)
        if isEscaped {
            isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
            isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
            isInString = false
        } else if byte == UInt8(ascii: "\n") {
            endLine()
        } else if open.count == 1, key.count < 16 {
            key.append(byte)
        }
    }

    private mutating func begin(_ byte: UInt8) {
        guard open.count < Self.deepest else { return endLine() }
        if open.count == 1, byte == UInt8(ascii: "["), Self.lists.contains(key) {
            (isInList, hasList) = (true, true)
            forget()
        } else {
            if isInList, open.count == 2 { forget() }
            keep(byte)
        }
        open.append(byte)
    }

    private mutating func end(_ byte: UInt8) {
        keep(byte)
        let opening = byte == UInt8(ascii: "}") ? UInt8(ascii: "{") : UInt8(ascii: "[")
        guard open.popLast() == opening else { return endLine() }
        if isInList, open.count == 2 {
            take { Self.anchor(inJSON: $0[...]) }
        } else if open.count == 1, isInList {
            isInList = false
            forget()
        } else if open.isEmpty {
            if hasList { forget() } else { take { Self.anchor(inJSON: $0[...]) } }
        }
    }
}

// MARK: One line or event

extension ChainHeadLog {
    /// The limit of nested wrappings: CloudWatch's event may contain the agent's, which contains the journal's.
    private static let mostWrappings = 4

    /// Returns the head in a line; nil for other lines.
    static func anchor(in line: String, wrappings: Int = 0) -> ChainAnchor? {
        if let start = line.firstIndex(of: "{") {
            // `aws logs --output text` appends more; spreadsheets double the quotes.
            let object = object(in: line[start...])
            let plain = object.contains("\"\"message\"\"") ? Substring(object.replacing("\"\"", with: "\"")) : object
            if let anchor = anchor(inJSON: plain, wrappings: wrappings) { return anchor }
        }
        guard let message = line.firstRange(of: " chain "),
            !line[..<message.lowerBound].contains(where: { "=\"{".contains($0) })
        else { return nil }
        var fields: [Substring: Substring] = [:]
        for word in line[message.upperBound...].split(whereSeparator: \.isWhitespace) {
            let parts = word.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { fields[parts[0]] = parts[1] }
        }
        guard let sequence = fields["sequence"].flatMap({ Int64($0) }), let head = fields["head"] else { return nil }
        return ChainAnchor(sequence: sequence, hash: head)
    }

    private static func anchor(inJSON text: Substring, wrappings: Int = 0) -> ChainAnchor? {
        guard wrappings <= mostWrappings, let entry = try? JSONDecoder().decode(Entry.self, from: Data(text.utf8))
        else {
            return nil
        }
        if entry.message == "chain", let sequence = entry.sequence.flatMap({ Int64($0) }), let head = entry.head {
            return ChainAnchor(sequence: sequence, hash: head)
        }
        return entry.wrapped.lazy.compactMap { anchor(in: $0, wrappings: wrappings + 1) }.first
    }

    /// Returns the text up to the end of its first object, or all of it when the object doesn't end.
    private static func object(in text: Substring) -> Substring {
        var depth = 0
        var (isInString, isEscaped) = (false, false)
        for index in text.utf8.indices {
            let byte = text.utf8[index]
            if isEscaped {
                isEscaped = false
            } else if isInString, byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isInString.toggle()
            } else if !isInString, byte == UInt8(ascii: "{") {
                depth += 1
            } else if !isInString, byte == UInt8(ascii: "}") {
                depth -= 1
                if depth == 0 { return text[...index] }
            }
        }
        return text
    }

    /// The server's own line, or a wrapper around it.
    private struct Entry: Decodable {
        let message: String?
        let sequence: String?
        let head: String?
        /// The fields that may hold a line: the journal's `MESSAGE`, the agent's `body`, Docker's `log`, CloudWatch's
        /// `message`.
        let wrapped: [String]

        private enum CodingKeys: String, CodingKey {
            case message, sequence, head, body, log
            case journal = "MESSAGE"
            case insights = "@message"
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            func text(_ key: CodingKeys) -> String? { try? container.decode(String.self, forKey: key) }
            message = text(.message)
            sequence = text(.sequence)
            head = text(.head)
            let body = try? container.decode(Body.self, forKey: .body)
            wrapped = [text(.journal), text(.body), body?.journal, text(.log), message, text(.insights)].compactMap(
                \.self
            )
        }

        private struct Body: Decodable {
            let journal: String?

            private enum CodingKeys: String, CodingKey {
                case journal = "MESSAGE"
            }
        }
    }
}
