/// The public name of a key: 12 characters of lower-case Crockford base32.
///
/// It is the middle of the key (`bursar_<id>_…`), and safe in logs, records and argument lists.
package struct KeyID: Hashable, Sendable, CustomStringConvertible {
    package static let length = 12
    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    package let description: String

    /// An id as it was printed; nil when the length or a character is wrong.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.count == Self.length, text.utf8.allSatisfy(Self.alphabet.contains) else { return nil }
        description = String(text)
    }

    /// A new id: 60 bits from `generator`.
    package init(using generator: inout some RandomNumberGenerator) {
        let characters = (0..<Self.length).map { _ in Self.alphabet[Int.random(in: 0..<32, using: &generator)] }
        description = String(decoding: characters, as: UTF8.self)
    }
}
