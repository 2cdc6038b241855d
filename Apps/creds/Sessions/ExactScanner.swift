#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Reads text that is expected in exactly one form.
struct ExactScanner {
    private let bytes: [UInt8]
    private(set) var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { position == bytes.count }

    /// Steps over `text` when it comes next.
    mutating func skip(_ text: StaticString) -> Bool {
        guard bytes.count - position >= text.utf8CodeUnitCount else { return false }
        let isNext = text.withUTF8Buffer { bytes[position...].starts(with: $0) }
        if isNext { position += text.utf8CodeUnitCount }
        return isNext
    }

    /// Printable ASCII up to the next quote, with no blank and nothing that JSON escapes.
    mutating func value(_ length: ClosedRange<Int>) -> String? {
        let value = bytes[position...].prefix { (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }
        guard length.contains(value.count) else { return nil }
        position += value.count
        return String(decoding: value, as: UTF8.self)
    }

    /// Whole seconds since 1970, of at most eleven digits.
    mutating func date() -> Date? {
        let digits = bytes[position...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard (1...11).contains(digits.count) else { return nil }
        position += digits.count
        let seconds = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        return Date(timeIntervalSince1970: TimeInterval(seconds))
    }
}
