/// The public name of a key: 12 characters of lower-case Crockford base32.
///
/// It is the middle of the key (`bursar_<id>_…`), and safe in logs, records and argument lists.
package struct KeyID: Hashable, Sendable, CustomStringConvertible {
    package static let length = 12
    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    package let description: String

    /// An id as it was printed; nil when the length or a character is wrong.
    package init?(_ text: some StringProtocol) {
        self.init(bytes: Array(text.utf8)[...])
    }

    /// The same, from ASCII.
    init?(bytes: ArraySlice<UInt8>) {
        guard bytes.count == Self.length, bytes.allSatisfy(Self.isDigit) else { return nil }
        description = String(decoding: bytes, as: UTF8.self)
    }

    /// Digits and lower-case letters, less those that are mistaken for others: i, l, o and u.
    private static func isDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "i"), UInt8(ascii: "l"), UInt8(ascii: "o"), UInt8(ascii: "u"): false
        case UInt8(ascii: "a")...UInt8(ascii: "z"): true
        default: false
        }
    }

    /// A new id: 60 bits from `generator`.
    package init(using generator: inout some RandomNumberGenerator) {
        let characters = (0..<Self.length).map { _ in Self.alphabet[Int.random(in: 0..<32, using: &generator)] }
        description = String(decoding: characters, as: UTF8.self)
    }
}
