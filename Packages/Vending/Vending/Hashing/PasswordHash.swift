import BursarFoundation
package import BursarModel
import CArgon2
import CHashMemory

/// An argon2id hash as a PHC string: `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<tag>`.
///
/// The string holds its own parameters, so a change of the defaults affects new keys only.
package struct PasswordHash: Sendable, Equatable {
    package let phc: String
    private let parameters: Argon2Parameters
    private let salt: [UInt8]
    private let tag: [UInt8]

    /// Parses a stored hash, and refuses parameters with which one row could exhaust the server's memory or time.
    package init?(phc: String) {
        let parts = phc.split(separator: "$", omittingEmptySubsequences: false)
        guard phc.utf8.count <= 256, parts.count == 6, parts[0].isEmpty, parts[1] == "argon2id", parts[2] == "v=19",
            let parameters = Argon2Parameters(phcField: parts[3]), Argon2Parameters.accepted.contains(parameters),
            let salt = Self.bytes(parts[4]), let tag = Self.bytes(parts[5]), salt.count >= 8, tag.count >= 16
        else { return nil }
        self.phc = phc
        self.parameters = parameters
        self.salt = salt
        self.tag = tag
    }

    /// Hashes `secret` with a salt of 16 bytes from `generator`, into a tag of 32.
    ///
    /// Takes about 20 ms and `parameters.memoryKiB` of memory: not for a thread that others wait for.
    package init(
        of secret: Secret<String>,
        parameters: Argon2Parameters = .standard,
        using generator: inout some RandomNumberGenerator
    ) throws(Argon2Error) {
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
        guard status == ARGON2_OK.rawValue else { throw Argon2Error(status: status) }
        let phc = String(decoding: encoded.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard let hash = Self(phc: phc) else { throw Argon2Error(status: ARGON2_ENCODING_FAIL.rawValue) }
        self = hash
    }

    /// Returns true if `secret` is the hashed one.
    ///
    /// libargon2 compares in constant time. The cost is that of hashing; the thread keeps the memory until it ends or
    /// calls ``releaseMemory()``.
    package func matches(_ secret: Secret<String>) throws(Argon2Error) -> Bool {
        var (password, salt) = (Array(secret.reveal().utf8), salt)
        var computed = [UInt8](repeating: 0, count: tag.count)
        var context = Argon2_Context()
        context.t_cost = parameters.passes
        context.m_cost = parameters.memoryKiB
        context.lanes = parameters.lanes
        context.threads = parameters.lanes
        context.version = ARGON2_VERSION_13.rawValue
        context.allocate_cbk = hash_memory_take
        context.free_cbk = hash_memory_keep
        let status = password.withUnsafeMutableBufferPointer { password in
            salt.withUnsafeMutableBufferPointer { salt in
                computed.withUnsafeMutableBufferPointer { computed in
                    (context.pwd, context.pwdlen) = (password.baseAddress, UInt32(password.count))
                    (context.salt, context.saltlen) = (salt.baseAddress, UInt32(salt.count))
                    (context.out, context.outlen) = (computed.baseAddress, UInt32(computed.count))
                    return argon2id_verify_ctx(&context, tag.map { CChar(bitPattern: $0) })
                }
            }
        }
        switch status {
        case ARGON2_OK.rawValue: return true
        case ARGON2_VERIFY_MISMATCH.rawValue: return false
        default: throw Argon2Error(status: status)
        }
    }

    /// Frees the memory that hashes took on this thread.
    static func releaseMemory() {
        hash_memory_release()
    }

    private static func bytes(_ base64: Substring) -> [UInt8]? {
        let padding = String(repeating: "=", count: (4 - base64.utf8.count % 4) % 4)
        return Data(base64Encoded: base64 + padding).map { Array($0) }
    }
}

/// The cost of a hash (RFC 9106).
package struct Argon2Parameters: Sendable, Hashable {
    package let memoryKiB: UInt32
    package let passes: UInt32
    package let lanes: UInt32

    /// The minimum that OWASP recommends for argon2id.
    package static let standard = Self(memoryKiB: 19_456, passes: 2, lanes: 1)
    /// The cost that a stored hash may ask of the server.
    package static let accepted = Bounds(memoryKiB: 8...65_536, passes: 1...10, lanes: 1...4)

    package init(memoryKiB: UInt32, passes: UInt32, lanes: UInt32) {
        self.memoryKiB = memoryKiB
        self.passes = passes
        self.lanes = lanes
    }

    /// Parses `m=19456,t=2,p=1`; nil for any other form.
    init?(phcField: Substring) {
        let fields = phcField.split(separator: ",")
        guard fields.count == 3,
            fields[0].hasPrefix("m="), let memoryKiB = UInt32(fields[0].dropFirst(2)),
            fields[1].hasPrefix("t="), let passes = UInt32(fields[1].dropFirst(2)),
            fields[2].hasPrefix("p="), let lanes = UInt32(fields[2].dropFirst(2))
        else { return nil }
        self.init(memoryKiB: memoryKiB, passes: passes, lanes: lanes)
    }

    /// A range for each parameter.
    package struct Bounds: Sendable {
        let memoryKiB: ClosedRange<UInt32>
        let passes: ClosedRange<UInt32>
        let lanes: ClosedRange<UInt32>

        func contains(_ parameters: Argon2Parameters) -> Bool {
            memoryKiB.contains(parameters.memoryKiB) && passes.contains(parameters.passes)
                && lanes.contains(parameters.lanes)
        }
    }
}

/// libargon2 could not compute: out of memory, or parameters that it refuses.
package struct Argon2Error: Error, CustomStringConvertible {
    let status: Int32

    package var description: String {
        "argon2: " + String(cString: argon2_error_message(status))
    }
}
