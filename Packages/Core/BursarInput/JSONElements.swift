/// Extracts events from AWS's JSON documents as a stream, so that a file may be of any size.
///
/// It parses just enough JSON to find where an event begins and ends: consecutive documents, each an object with a list
/// of a known name, or such a list itself. The decoder of an event checks the event itself.
package struct JSONElements {
    package enum ParseError: Error, Equatable {
        /// Not JSON, or truncated.
        case malformed
        /// An event larger than any that AWS writes there.
        case tooLarge
    }

    /// The documents that events are taken from.
    package struct Form: Sendable {
        /// The names of a document's lists of events.
        let lists: Set<[UInt8]>
        /// The list that a digest has instead.
        let digestList: [UInt8]
        /// The largest event in bytes.
        let longest: Int

        package init(lists: [String], digestList: String = "", longest: Int) {
            self.lists = Set(lists.map { Array($0.utf8) })
            self.digestList = Array(digestList.utf8)
            self.longest = longest
        }

        /// CloudTrail's files, and what `aws cloudtrail lookup-events` prints.
        ///
        /// CloudTrail's own limit is 256 KiB; lookup-events writes an event as a string, with a backslash before each
        /// quote. A digest lists the files whose hashes it holds.
        package static let cloudTrail = Form(lists: ["Records", "Events"], digestList: "logFiles", longest: 1 << 20)
    }

    private static let deepest = 256
    private let form: Form

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
    package private(set) var isEmpty = true
    /// The number of documents with a list of events.
    package private(set) var lists = 0
    /// The number of digests.
    package private(set) var digests = 0
    /// The number of other documents.
    package private(set) var others = 0

    package init(_ form: Form) {
        self.form = form
    }

    /// Consumes the next bytes, and passes on each event that ends in them.
    package mutating func append(_ bytes: UnsafeRawBufferPointer, _ take: (ArraySlice<UInt8>) throws -> Void) throws {
        for byte in bytes {
            if isEmpty, ![0x20, 0x09, 0x0A, 0x0D].contains(byte) { isEmpty = false }
            if place == .event {
                element.append(byte)
                guard element.count <= form.longest else { throw ParseError.tooLarge }
            }
            if isInString { try string(byte) } else { try structure(byte, take) }
        }
    }

    /// Ends the input.
    package func finish() throws(ParseError) {
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
            let isList = !isObject && form.lists.contains(key)
            hasEvents = hasEvents || isList
            isDigest = isDigest || !isObject && key == form.digestList
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
