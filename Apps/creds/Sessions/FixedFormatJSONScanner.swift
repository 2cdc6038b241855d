import BursarFoundation

/// Reads text that is expected in exactly one form.
struct FixedFormatJSONScanner {
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

    /// Steps over printable ASCII up to the next quote, with no blank and nothing that JSON escapes.
    mutating func skipValue(_ length: ClosedRange<Int>) -> Bool {
        let value = bytes[position...].prefix { (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }
        guard length.contains(value.count) else { return false }
        position += value.count
        return true
    }

    /// Whole seconds since 1970, of at most eleven digits.
    mutating func date() -> Date? {
        let digits = bytes[position...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard (1...11).contains(digits.count) else { return nil }
        return number(digits: digits.count).map { Date(timeIntervalSince1970: TimeInterval($0)) }
    }

    /// `2026-01-02T03:04:05Z`: by hand, since Foundation's parser loads time zones, which takes longer than all else.
    mutating func utcDate() -> Date? {
        guard let year = number(digits: 4), skip("-"), let month = number(digits: 2), skip("-"),
            let day = number(digits: 2), skip("T"), let hour = number(digits: 2), skip(":"),
            let minute = number(digits: 2), skip(":"), let second = number(digits: 2), skip("Z"),
            (1970...9999).contains(year), (1...12).contains(month), (1...31).contains(day),
            hour < 24, minute < 60, second < 60
        else { return nil }
        // Years begin in March here, so that the leap day comes last.
        let marchYear = month > 2 ? year : year - 1
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        let days = marchYear * 365 + marchYear / 4 - marchYear / 100 + marchYear / 400 + dayOfYear - 719_468
        return Date(timeIntervalSince1970: TimeInterval(((days * 24 + hour) * 60 + minute) * 60 + second))
    }

    private mutating func number(digits count: Int) -> Int? {
        let digits = bytes[position...].prefix(count)
        guard digits.count == count, digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        position += count
        return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }
}
