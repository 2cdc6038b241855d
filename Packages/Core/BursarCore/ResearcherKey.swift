/// What a researcher presents: `bursar_<id>_<secret><check>`.
///
/// The id is public, the secret is 32 random bytes as 43 digits of base62, and the check is 6 digits of base62: the
/// CRC-32 of everything before it. So a typing error is told from a wrong key without a database, and secret
/// scanners can match `bursar_[0-9a-hjkmnp-tv-z]{12}_[0-9A-Za-z]{49}`.
package struct ResearcherKey: Sendable {
    package static let length = 7 + KeyID.length + 1 + secretLength + checkLength
    private static let secretLength = 43
    private static let checkLength = 6

    package let id: KeyID
    /// The whole key, as it is sent and hashed.
    package let text: Secret<String>

    /// What is wrong with text that was meant to be a key.
    package enum Malformation: Error, Equatable {
        /// Another length, prefix or alphabet: not one of our keys.
        case notAKey
        /// The form of a key, but the checksum differs: a character was mistyped or lost.
        case mistyped
    }

    /// Reads a key as it was presented, white space at both ends removed.
    package init(parsing presented: String) throws(Malformation) {
        let text = presented.trimmingASCIIWhitespace()
        let parts = text.split(separator: "_", omittingEmptySubsequences: false)
        guard text.utf8.count == Self.length, parts.count == 3, parts[0] == "bursar",
            let id = KeyID(parts[1]), Base62.isValid(parts[2])
        else { throw .notAKey }
        guard text.suffix(Self.checkLength) == Self.check(of: text.dropLast(Self.checkLength)) else { throw .mistyped }
        self.id = id
        self.text = Secret(String(text))
    }

    /// A new key from `generator`: the system's random source, unless a test needs a known one.
    package init(using generator: inout some RandomNumberGenerator) {
        id = KeyID(using: &generator)
        let secret = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        let body = "bursar_\(id)_\(Base62.encode(secret, length: Self.secretLength))"
        text = Secret(body + Self.check(of: body[...]))
    }

    private static func check(of body: Substring) -> String {
        let checksum = CRC32.checksum(body.utf8)
        return Base62.encode(
            [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: checksum >> $0) },
            length: checkLength
        )
    }
}
