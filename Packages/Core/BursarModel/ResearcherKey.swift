/// A researcher's key: `bursar_<id>_<secret><check>`.
///
/// The id is public, the secret is 32 random bytes as 43 digits of base62, and the check is 6 digits of base62: the
/// CRC-32 of everything before it. So a typing error differs from a wrong key without a database, and secret
/// scanners can match `bursar_[0-9a-hjkmnp-tv-z]{12}_[0-9A-Za-z]{49}`.
package struct ResearcherKey: Sendable {
    package static let length = prefix.count + KeyID.length + 1 + secretLength + checkLength
    private static let prefix = Array("bursar_".utf8)
    private static let secretLength = 43
    private static let checkLength = 6

    package let id: KeyID
    /// The whole key, as it is sent and hashed.
    package let text: Secret<String>

    /// The error in a text that isn't a key.
    package enum ParseError: Error, Equatable {
        /// Another length, prefix or alphabet: not one of our keys.
        case notAKey
        /// The form of a key, but the checksum differs: a character was mistyped or lost.
        case mistyped
    }

    /// Reads a key as it was presented, white space at both ends removed.
    package init(parsing presented: String) throws(ParseError) {
        let bytes = Array(presented.trimmingASCIIWhitespace().utf8)
        let idStart = Self.prefix.count
        let secretStart = idStart + KeyID.length + 1
        let checkStart = Self.length - Self.checkLength
        guard bytes.count == Self.length, bytes.starts(with: Self.prefix), bytes[secretStart - 1] == UInt8(ascii: "_"),
            let id = KeyID(bytes: bytes[idStart..<(secretStart - 1)]), Base62.isValid(bytes[secretStart...])
        else { throw .notAKey }
        guard bytes[checkStart...].elementsEqual(Self.check(of: bytes[..<checkStart]).utf8) else { throw .mistyped }
        self.id = id
        text = Secret(String(decoding: bytes, as: UTF8.self))
    }

    /// A new key from `generator`: the system's random source, unless a test needs a known one.
    package init(using generator: inout some RandomNumberGenerator) {
        id = KeyID(using: &generator)
        let secret = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        let body = "bursar_\(id)_\(Base62.encode(secret, length: Self.secretLength))"
        text = Secret(body + Self.check(of: body.utf8))
    }

    private static func check(of body: some Sequence<UInt8>) -> String {
        let checksum = CRC32.checksum(body)
        return Base62.encode(
            [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: checksum >> $0) },
            length: checkLength
        )
    }
}

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

/// Numbers as digits and letters, most significant first, padded to a fixed length.
///
/// The alphabet is `0–9A–Za–z`: nothing that a shell, a URL or a double click would split.
package enum Base62 {
    private static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    /// The big-endian number in `bytes`, in `length` digits.
    ///
    /// - Precondition: the number fits: 43 digits hold 32 bytes, 6 hold 4.
    package static func encode(_ bytes: some Sequence<UInt8>, length: Int) -> String {
        var digits = [UInt8](repeating: 0, count: length)
        for byte in bytes {
            var carry = Int(byte)
            for index in digits.indices.reversed() {
                carry += Int(digits[index]) << 8
                digits[index] = UInt8(carry % 62)
                carry /= 62
            }
            precondition(carry == 0, "the number needs more than \(length) digits")
        }
        return String(decoding: digits.map { alphabet[Int($0)] }, as: UTF8.self)
    }

    /// Digits drawn from `generator`.
    package static func random(length: Int, using generator: inout some RandomNumberGenerator) -> String {
        String(decoding: (0..<length).map { _ in alphabet[Int.random(in: 0..<62, using: &generator)] }, as: UTF8.self)
    }

    /// Returns true if each byte is a digit of this alphabet.
    package static func isValid(_ bytes: ArraySlice<UInt8>) -> Bool {
        for byte in bytes where !byte.isASCIILetterOrDigit { return false }
        return true
    }
}

/// The checksum of ISO 3309 and zlib (polynomial 0xEDB88320, reflected), which finds typing errors in a key.
///
/// It is no protection against anyone who means it: that is argon2's work.
package enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in
            value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1
        }
    }

    package static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        var crc = ~UInt32(0)
        for byte in bytes { crc = table[Int((crc ^ UInt32(byte)) & 0xFF)] ^ (crc >> 8) }
        return ~crc
    }
}
