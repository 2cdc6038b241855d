import BursarFoundation
import BursarModel
import Crypto

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
