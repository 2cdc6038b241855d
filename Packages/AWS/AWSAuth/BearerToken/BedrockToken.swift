public import BursarFoundation
public import BursarModel
import Crypto

/// A short-term Amazon Bedrock API key, as `AWS_BEARER_TOKEN_BEDROCK` takes it.
///
/// A presigned `CallWithBearerToken` request in base64, made without asking AWS; byte for byte what
/// aws-bedrock-token-generator 1.1.0 makes for the same expiry. Where the credentials expire before the expiry that was
/// requested, theirs is signed, so that decoding the token shows its true expiry.
/// https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys-how.html
public struct BedrockToken: Sendable {
    /// The value of `Authorization: Bearer`.
    public let value: Secret<String>
    /// The only region it works in.
    public let region: String
    /// The signer's access key id, which anyone can decode from the token.
    public let accessKeyID: String
    /// The true expiry: as requested, or that of the credentials that signed it, whichever is first.
    public let expiration: Date

    /// The longest lifetime that AWS accepts: 12 hours.
    public static let longestExpiry = Duration.seconds(43_200)

    /// Makes a token without a request to AWS.
    ///
    /// - Parameters:
    ///   - region: where it will be used; ``RegionSetting`` finds the one that is set.
    ///   - credentials: who will be calling Bedrock.
    ///   - expiry: whole seconds, more than none and at most 12 hours.
    ///   - date: the start of its lifetime.
    ///   - keys: spares four HMACs of six where many tokens are made.
    /// - Returns: the token and its true expiry.
    /// - Throws: ``SigningError``: for an invalid region, an expiry out of range, or expired credentials.
    public static func provide(
        region: String,
        credentials: AWSCredentials,
        expiry: Duration = longestExpiry,
        at date: Date,
        keys: SigningKeyCache? = nil
    ) throws(SigningError) -> BedrockToken {
        guard RegionName.isValid(region) else { throw .malformedRegion }
        let (seconds, attoseconds) = expiry.components
        guard attoseconds == 0, seconds > 0, expiry <= longestExpiry else { throw .expiryOutOfRange }
        let start = Date(timeIntervalSince1970: date.timeIntervalSince1970.rounded(.down))
        let asked = start.addingTimeInterval(Double(seconds))
        var signed = seconds
        if let end = credentials.expiration {
            guard end > date else { throw .credentialsEnded }
            // In whole seconds, of which AWS wants one at least.
            signed = min(seconds, max(1, Int64(min(end.timeIntervalSince(start), 43_200))))
        }

        let signer = SigV4(service: "bedrock", region: region, keys: keys)
        return BedrockToken(
            value: Secret(token(signer, credentials, expiry: signed, at: SigningDate(date))),
            region: region,
            accessKeyID: credentials.accessKeyID,
            expiration: credentials.expiration.map { min($0, asked) } ?? asked
        )
    }

    /// The query is the same in the signature and on the wire but for the order of its last two parameters, so both
    /// are laid out once in bytes: this is most of what a token costs.
    private static func token(
        _ signer: SigV4,
        _ credentials: AWSCredentials,
        expiry: Int64,
        at date: SigningDate
    ) -> String {
        let stamp = date.stampBytes
        let day = stamp[..<8]
        var scope = Array(day)
        scope.append(contentsOf: "/\(signer.region)/bedrock/aws4_request".utf8)

        var query: [UInt8] = []
        query.reserveCapacity(2048)
        query.append(contentsOf: "Action=CallWithBearerToken&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=".utf8)
        PercentEncoding.append(encoded: credentials.accessKeyID.utf8, to: &query)
        query.append(contentsOf: "%2F".utf8)
        PercentEncoding.append(encoded: scope, to: &query)
        query.append(contentsOf: "&X-Amz-Date=".utf8)
        query.append(contentsOf: stamp)
        query.append(contentsOf: "&X-Amz-Expires=\(expiry)".utf8)
        var tokenPair: [UInt8] = []
        if let token = credentials.sessionToken {
            tokenPair.reserveCapacity(token.reveal().utf8.count * 3 / 2 + 32)
            tokenPair.append(contentsOf: "&X-Amz-Security-Token=".utf8)
            PercentEncoding.append(encoded: token.reveal().utf8, to: &tokenPair)
        }
        let signedHeaders = "&X-Amz-SignedHeaders=host".utf8

        var canonical = Array("POST\n/\n".utf8)
        canonical.reserveCapacity(query.count + tokenPair.count + 192)
        canonical.append(contentsOf: query)
        canonical.append(contentsOf: tokenPair)
        canonical.append(contentsOf: signedHeaders)
        canonical.append(contentsOf: "\nhost:bedrock.amazonaws.com\n\nhost\n".utf8)
        canonical.append(contentsOf: CanonicalRequest.emptyDigest.utf8)

        var text = Array("AWS4-HMAC-SHA256\n".utf8)
        text.reserveCapacity(192)
        text.append(contentsOf: stamp)
        text.append(UInt8(ascii: "\n"))
        text.append(contentsOf: scope)
        text.append(UInt8(ascii: "\n"))
        Hex.append(SHA256.hash(data: canonical), to: &text)
        let key = signer.signingKey(
            secret: credentials.secretAccessKey,
            day: String(decoding: day, as: UTF8.self)
        )

        var url = Array("bedrock.amazonaws.com/?".utf8)
        url.reserveCapacity(query.count + tokenPair.count + 160)
        url.append(contentsOf: query)
        url.append(contentsOf: signedHeaders)
        url.append(contentsOf: tokenPair)
        url.append(contentsOf: "&X-Amz-Signature=".utf8)
        Hex.append(key.sign(text), to: &url)
        url.append(contentsOf: "&Version=1".utf8)
        return Base64.encode(url, after: DecodedBedrockToken.prefix)
    }
}

/// Base64 with the standard alphabet and padding, straight into a string.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// `prefix`, which is ASCII, and after it `bytes` encoded.
    static func encode(_ bytes: [UInt8], after prefix: String) -> String {
        let count = prefix.utf8.count + (bytes.count + 2) / 3 * 4
        return String(unsafeUninitializedCapacity: count) { buffer in
            var position = 0
            for byte in prefix.utf8 {
                buffer[position] = byte
                position += 1
            }
            bytes.withUnsafeBufferPointer { bytes in
                alphabet.withUnsafeBufferPointer { alphabet in
                    let whole = bytes.count - bytes.count % 3
                    for index in stride(from: 0, to: whole, by: 3) {
                        let first = UInt32(bytes[index]) << 16
                        let group = first | UInt32(bytes[index + 1]) << 8 | UInt32(bytes[index + 2])
                        buffer[position] = alphabet[Int(group >> 18)]
                        buffer[position + 1] = alphabet[Int(group >> 12 & 63)]
                        buffer[position + 2] = alphabet[Int(group >> 6 & 63)]
                        buffer[position + 3] = alphabet[Int(group & 63)]
                        position += 4
                    }
                    guard whole < bytes.count else { return }
                    let hasTwo = whole + 1 < bytes.count
                    let group = UInt32(bytes[whole]) << 16 | (hasTwo ? UInt32(bytes[whole + 1]) << 8 : 0)
                    buffer[position] = alphabet[Int(group >> 18)]
                    buffer[position + 1] = alphabet[Int(group >> 12 & 63)]
                    buffer[position + 2] = hasTwo ? alphabet[Int(group >> 6 & 63)] : UInt8(ascii: "=")
                    buffer[position + 3] = UInt8(ascii: "=")
                    position += 4
                }
            }
            return position
        }
    }
}
