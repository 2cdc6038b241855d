/// What a researcher presents: `bursar_<id>_<secret><check>`.
///
/// The id is public, the secret is 32 random bytes as 43 digits of base62, and the check is 6 digits of base62: the
/// CRC-32 of everything before it. So a typing error is told from a wrong key without a database, and secret
/// scanners can match `bursar_[0-9a-hjkmnp-tv-z]{12}_[0-9A-Za-z]{49}`.
package struct ResearcherKey: Sendable {
    package static let length = prefix.count + KeyID.length + 1 + secretLength + checkLength
    private static let prefix = Array("bursar_".utf8)
    private static let secretLength = 43
    private static let checkLength = 6

    package let id: KeyID
    /// The whole key, as it is sent and hashed.
    package let text: Secret<String>

    /// What is wrong with text that was meant to be a key.
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
