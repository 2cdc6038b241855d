import BursarFoundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The grammar of JSON (RFC 8259), of which only the strings that a record is read for are kept.
extension LogScanner {
    /// The name of an object's member, as it stands between its quotes.
    struct Name {
        fileprivate let bytes: Slice<UnsafeRawBufferPointer>

        static func ~= (name: StaticString, other: Name) -> Bool {
            // Most names differ in their length, and a dozen is tried for each member.
            guard other.bytes.count == name.utf8CodeUnitCount,
                let start = UnsafeRawBufferPointer(rebasing: other.bytes).baseAddress
            else { return false }
            return memcmp(start, name.utf8Start, name.utf8CodeUnitCount) == 0
        }
    }

    /// Reads an object, and has `member` read the value of each name.
    mutating func object(
        _ member: (inout LogScanner, Name) throws(QuarantineReason) -> Void
    ) throws(QuarantineReason) {
        guard position < bytes.count else { throw .notJSON }
        guard take("{") else { throw .missingField }
        try members(member)
    }

    private mutating func members(
        _ member: (inout LogScanner, Name) throws(QuarantineReason) -> Void
    ) throws(QuarantineReason) {
        skipBlanks()
        if take("}") { return }
        repeat {
            skipBlanks()
            let name = try stringBytes()
            // A name that is spelled with escapes is none of AWS's, and could hide one of its fields.
            guard !name.hasEscapes else { throw .notJSON }
            skipBlanks()
            guard take(":") else { throw .notJSON }
            skipBlanks()
            try member(&self, Name(bytes: name.bytes))
            skipBlanks()
        } while take(",")
        guard take("}") else { throw .notJSON }
    }

    /// Reads a string.
    mutating func string() throws(QuarantineReason) -> String {
        let (bytes, hasEscapes) = try stringBytes()
        if hasEscapes { return try Self.unescaped(bytes) }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .notJSON }
        return text
    }

    /// Reads a string, and returns its bytes between the quotes.
    mutating func quotedBytes() throws(QuarantineReason) -> Slice<UnsafeRawBufferPointer> {
        try stringBytes().bytes
    }

    /// The text of a string by its bytes between the quotes; NUL, which AWS writes nowhere, can't be stored everywhere.
    static func unescaped(_ bytes: Slice<UnsafeRawBufferPointer>) throws(QuarantineReason) -> String {
        let quoted = Data([UInt8(ascii: "\"")] + bytes + [UInt8(ascii: "\"")])
        guard let text = try? JSONDecoder().decode(String.self, from: quoted), !text.utf8.contains(0) else {
            throw .notJSON
        }
        return text
    }

    /// Passes over `null`; false if the value is another one.
    mutating func skipsNull() throws(QuarantineReason) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: "n") else { return false }
        try literal("null")
        return true
    }

    mutating func skipValue(depth: Int = 0) throws(QuarantineReason) {
        guard position < bytes.count, depth < Self.deepest else { throw .notJSON }
        switch bytes[position] {
        case UInt8(ascii: "\""): _ = try stringBytes()
        case UInt8(ascii: "{"):
            position += 1
            skipBlanks()
            if take("}") { return }
            repeat {
                skipBlanks()
                _ = try stringBytes()
                skipBlanks()
                guard take(":") else { throw .notJSON }
                skipBlanks()
                try skipValue(depth: depth + 1)
                skipBlanks()
            } while take(",")
            guard take("}") else { throw .notJSON }
        case UInt8(ascii: "["):
            position += 1
            skipBlanks()
            if take("]") { return }
            repeat {
                skipBlanks()
                try skipValue(depth: depth + 1)
                skipBlanks()
            } while take(",")
            guard take("]") else { throw .notJSON }
        case UInt8(ascii: "t"): try literal("true")
        case UInt8(ascii: "f"): try literal("false")
        case UInt8(ascii: "n"): try literal("null")
        default: try skipNumber()
        }
    }

    /// Returns the bytes between the quotes of a string.
    private mutating func stringBytes() throws(QuarantineReason) -> (
        bytes: Slice<UnsafeRawBufferPointer>, hasEscapes: Bool
    ) {
        guard take("\"") else { throw .notJSON }
        let start = position
        var hasEscapes = false
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                position += 1
                return (bytes[start..<position - 1], hasEscapes)
            case UInt8(ascii: "\\"):
                hasEscapes = true
                try skipEscape()
            case ..<0x20: throw .notJSON
            default: position += 1
            }
        }
        throw .notJSON
    }

    private mutating func skipEscape() throws(QuarantineReason) {
        guard position + 1 < bytes.count else { throw .notJSON }
        switch bytes[position + 1] {
        case UInt8(ascii: "u"):
            guard position + 6 <= bytes.count, bytes[position + 2..<position + 6].allSatisfy(Self.isHexadecimal) else {
                throw .notJSON
            }
            position += 6
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 2
        default: throw .notJSON
        }
    }

    private mutating func skipNumber() throws(QuarantineReason) {
        _ = take("-")
        if !take("0") { try skipDigits() }
        if take(".") { try skipDigits() }
        if take("e") || take("E") {
            _ = take("+") || take("-")
            try skipDigits()
        }
    }

    private mutating func skipDigits() throws(QuarantineReason) {
        guard position < bytes.count, Self.isDigit(bytes[position]) else { throw .notJSON }
        while position < bytes.count, Self.isDigit(bytes[position]) { position += 1 }
    }

    private mutating func literal(_ text: StaticString) throws(QuarantineReason) {
        let end = position + text.utf8CodeUnitCount
        guard end <= bytes.count,
            bytes[position..<end].elementsEqual(
                UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
            )
        else { throw .notJSON }
        position = end
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    mutating func skipBlanks() {
        while position < bytes.count, Self.isBlank(bytes[position]) { position += 1 }
    }

    static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }

    static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
    }
}
