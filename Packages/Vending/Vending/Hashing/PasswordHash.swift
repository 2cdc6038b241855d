package import BursarCore
import CArgon2

/// An argon2id hash as a PHC string: `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<tag>`.
///
/// The string holds its own parameters, so a change of the defaults touches new keys only.
package struct PasswordHash: Sendable, Equatable {
    package let phc: String

    /// Reads a stored hash, and refuses parameters that would let one row take the server's memory or time.
    package init?(phc: String) {
        let parts = phc.split(separator: "$", omittingEmptySubsequences: false)
        guard phc.utf8.count <= 256, parts.count == 6, parts[0].isEmpty, parts[1] == "argon2id", parts[2] == "v=19",
            let parameters = Argon2Parameters(phcField: parts[3])
        else { return nil }
        guard Argon2Parameters.accepted.contains(parameters) else { return nil }
        self.phc = phc
    }

    /// Hashes `secret` with a salt of 16 bytes from `generator`, into a tag of 32.
    ///
    /// Takes some 20 ms and `parameters.memoryKiB` of memory: never on a thread that others wait for.
    package init(
        of secret: Secret<String>,
        parameters: Argon2Parameters = .standard,
        using generator: inout some RandomNumberGenerator
    ) throws(Argon2Fault) {
        let salt = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        let password = Array(secret.reveal().utf8)
        var encoded = [CChar](repeating: 0, count: 256)
        let status = argon2id_hash_encoded(
            parameters.passes,
            parameters.memoryKiB,
            parameters.lanes,
            password,
            password.count,
            salt,
            salt.count,
            32,
            &encoded,
            encoded.count
        )
        guard status == ARGON2_OK.rawValue else { throw Argon2Fault(status: status) }
        phc = String(decoding: encoded.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Whether `secret` is what was hashed.
    ///
    /// libargon2 compares in constant time. As costly as hashing.
    package func matches(_ secret: Secret<String>) throws(Argon2Fault) -> Bool {
        let password = Array(secret.reveal().utf8)
        let status = argon2id_verify(phc, password, password.count)
        switch status {
        case ARGON2_OK.rawValue: return true
        case ARGON2_VERIFY_MISMATCH.rawValue: return false
        default: throw Argon2Fault(status: status)
        }
    }
}

/// libargon2 could not compute: out of memory, or parameters that it refuses.
package struct Argon2Fault: Error, CustomStringConvertible {
    let status: Int32

    package var description: String {
        "argon2: " + String(cString: argon2_error_message(status))
    }
}
