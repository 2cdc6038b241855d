/// Cuts the events out of CloudTrail's files while they are read, so that a file may be of any size.
///
/// It knows just enough of JSON to find where an event begins and ends: documents one after another, each an object
/// with a list `Records` or `Events`, or such a list itself. Events are checked by whoever decodes them.
struct JSONElements {
    enum ParseError: Error, Equatable {
        /// Not JSON, or cut off.
        case malformed
        /// An event larger than CloudTrail writes.
        case tooLarge
    }

    /// CloudTrail's own limit is 256 KiB; lookup-events writes it as a string, with a backslash before each quote.
    static let longest = 1 << 20
    private static let deepest = 256
    private static let lists: Set<[UInt8]> = [Array("Records".utf8), Array("Events".utf8)]
    /// What a digest has instead: the files whose hashes it holds.
    private static let digestList = Array("logFiles".utf8)

    private enum Place {
        /// Between documents.
        case outside
        /// In a document's object, at its first depth.
        case document
        /// In a list of events.
        case list
        /// In an event, which is kept, or in some other value, which isn't.
        case event, other
    }

    /// What is open: `{` or `[` each.
    private var open: [UInt8] = []
    private var place = Place.outside
    private var isInString = false
    private var isEscaped = false
    private var key: [UInt8] = []
    private var hasEvents = false
    private var isDigest = false
    private var element: [UInt8] = []
    /// Whether there was nothing but white space so far.
    private(set) var isEmpty = true
    /// Documents with a list of events.
    private(set) var lists = 0
    /// Documents of CloudTrail's that tell the hashes of others.
    private(set) var digests = 0
    /// Documents of some other kind.
    private(set) var others = 0

    /// Takes the next bytes, and hands over each event that ends in them.
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

    /// To be called at the end of the file.
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
        // The mark of UTF-8 may stand at the very start.
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
