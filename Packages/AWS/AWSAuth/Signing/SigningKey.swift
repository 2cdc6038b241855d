import BursarFoundation
import BursarModel
import Crypto
import Synchronization

/// The key that signs for one day, region and service: four HMACs from the secret access key.
///
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
struct SigningKey {
    /// With the key taken in, which is half of what a short text's HMAC costs.
    private let prepared: HMAC<SHA256>

    init(secretAccessKey: Secret<String>, day: String, region: String, service: String) {
        var key = SymmetricKey(data: Array("AWS4\(secretAccessKey.reveal())".utf8))
        for part in [day, region, service, "aws4_request"] {
            key = SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: Array(part.utf8), using: key))
        }
        prepared = HMAC<SHA256>(key: key)
    }

    /// The signature, 32 bytes.
    func sign(_ bytes: [UInt8]) -> HMAC<SHA256>.MAC {
        var code = prepared
        code.update(data: bytes)
        return code.finalize()
    }
}

/// A cache of signing keys per secret, day, region and service; share one among signers.
///
/// A key is four HMACs, most of what a signature costs. At most 64 are kept; one more empties the cache,
/// since in practice there is one per service and a new set each midnight UTC.
public final class SigningKeyCache: Sendable {
    private static let capacity = 64

    private struct Scope: Hashable {
        let secret: String
        let day: String
        let region: String
        let service: String
    }

    private let keys = Mutex<[Scope: SigningKey]>([:])

    public init() {}

    func key(secretAccessKey: Secret<String>, day: String, region: String, service: String) -> SigningKey {
        let scope = Scope(secret: secretAccessKey.reveal(), day: day, region: region, service: service)
        if let known = keys.withLock({ $0[scope] }) { return known }
        let key = SigningKey(secretAccessKey: secretAccessKey, day: day, region: region, service: service)
        keys.withLock { keys in
            if keys.count >= Self.capacity { keys.removeAll(keepingCapacity: true) }
            keys[scope] = key
        }
        return key
    }

    /// The number of cached keys.
    var count: Int { keys.withLock(\.count) }
}

extension SigningKeyCache: CustomReflectable {
    public var customMirror: Mirror { Mirror(self, children: []) }
}
