/// Extracts events from CloudTrail's files as a stream, so that a file may be of any size.
///
/// It parses just enough JSON to find where an event begins and ends: consecutive documents, each an object with a list
/// `Records` or `Events`, or such a list itself. The decoder of an event checks the event itself.
struct JSONElements {
    enum ParseError: Error, Equatable {
        /// Not JSON, or truncated.
        case malformed
        /// An event larger than any of CloudTrail's.
        case tooLarge
    }

    /// CloudTrail's own limit is 256 KiB; lookup-events writes an event as a string, with a backslash before each
    /// quote.
    static let longest = 1 << 20
    private static let deepest = 256
    private static let lists: Set<[UInt8]> = [Array("Records".utf8), Array("Events".utf8)]
    /// The list of a digest instead: the files whose hashes it holds.
    private static let digestList = Array("logFiles".utf8)

    private enum Place {
        /// Between documents.
        case outside
        /// At the top level of a document's object.
        case document
        /// In a list of events.
        case list
        /// In an event, which is kept, or in another value, which is skipped.
        case event, other
    }

    /// The open brackets, `{` or `[`.
    private var open: [UInt8] = []
    private var place = Place.outside
    private var isInString = false
    private var isEscaped = false
    private var key: [UInt8] = []
    private var hasEvents = false
    private var isDigest = false
    private var element: [UInt8] = []
    /// True if the input so far was white space alone.
    private(set) var isEmpty = true
    /// The number of documents with a list of events.
    private(set) var lists = 0
    /// The number of CloudTrail's digests.
    private(set) var digests = 0
    /// The number of other documents.
    private(set) var others = 0

    /// Consumes the next bytes, and passes on each event that ends in them.
    mutating func append(_ bytes: UnsafeRawBufferPointer, _ take: (ArraySlice<UInt8>) throws -> Void) throws {
        for byte in bytes {
            if isEmpty, ![0x20, 0x09, 0x0A, 0x0D].contains(byte) { isEmpty = false }
            if place == .event {
                element.append(byte)
                guard element.count <= Self.longest else { throw ParseError.tooLarge }
            }
            if isInString { try string(byte) } else { try structure(byte, take) }
        }
    }

    /// Ends the input.
    func finish() throws(ParseError) {
        guard open.isEmpty, !isInString, lists + digests + others > 0 else { throw .malformed }
    }

    private mutating func string(_ byte: UInt8) throws {
        if isEscaped {
            isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
            isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
            isInString = false
        } else if byte < 0x20 {
            throw ParseError.malformed
        } else if place == .document, key.count < 16 {
            key.append(byte)
        }
    }

    private mutating func structure(_ byte: UInt8, _ take: (ArraySlice<UInt8>) throws -> Void) throws {
        switch byte {
        case UInt8(ascii: "\""):
            guard place != .outside else { throw ParseError.malformed }
            isInString = true
            if place == .document { key.removeAll(keepingCapacity: true) }
        case UInt8(ascii: "{"), UInt8(ascii: "["): try begin(byte)
        case UInt8(ascii: "}"), UInt8(ascii: "]"): try end(byte, take)
        case 0x20, 0x09, 0x0A, 0x0D: break
        // A byte order mark may be at the very start.
        case 0xEF, 0xBB, 0xBF:
            guard place != .outside || lists + digests + others == 0 else { throw ParseError.malformed }
        default: guard place != .outside else { throw ParseError.malformed }
        }
    }

    private mutating func begin(_ byte: UInt8) throws {
        guard open.count < Self.deepest else { throw ParseError.malformed }
        let isObject = byte == UInt8(ascii: "{")
        switch place {
        case .outside:
            hasEvents = !isObject
            isDigest = false
            place = isObject ? .document : .list
        case .document:
            let isList = !isObject && Self.lists.contains(key)
            hasEvents = hasEvents || isList
            isDigest = isDigest || !isObject && key == Self.digestList
            place = isList ? .list : .other
        case .list:
            guard isObject else { throw ParseError.malformed }
            place = .event
            element = [byte]
        case .event, .other: break
        }
        open.append(byte)
    }

    private mutating func end(_ byte: UInt8, _ take: (ArraySlice<UInt8>) throws -> Void) throws {
        let opening = byte == UInt8(ascii: "}") ? UInt8(ascii: "{") : UInt8(ascii: "[")
        guard open.popLast() == opening else { throw ParseError.malformed }
        let listDepth = open.first == UInt8(ascii: "[") ? 1 : 2
        switch (place, open.count) {
        case (.event, listDepth):
            place = .list
            try take(element[...])
        case (.event, _): break
        case (_, 0):
            if hasEvents { lists += 1 } else if isDigest { digests += 1 } else { others += 1 }
            place = .outside
        case (_, 1): place = open.first == UInt8(ascii: "[") ? .list : .document
        default: break
        }
    }
}
