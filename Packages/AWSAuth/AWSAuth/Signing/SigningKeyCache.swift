import BursarModel
import Synchronization

/// Remembers signing keys per secret, day, region and service; share one among signers.
///
/// A key is four HMACs, most of what a signature costs. At most 64 are kept; one more starts the cache anew,
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

    /// How many are kept now.
    var count: Int { keys.withLock(\.count) }
}

extension SigningKeyCache: CustomReflectable {
    public var customMirror: Mirror { Mirror(self, children: []) }
}
