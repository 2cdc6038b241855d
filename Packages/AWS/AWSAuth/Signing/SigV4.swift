public import BursarFoundation
import BursarModel

/// AWS Signature Version 4 for one service in one region: pure, with the date as an argument.
///
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html; held byte for byte to botocore.
public struct SigV4: Sendable {
    /// The rules for paths and payloads.
    public enum Rules: Sendable {
        /// Dots and double slashes resolved, each path segment encoded once more.
        case standard
        /// S3: the path unchanged, and always an `X-Amz-Content-SHA256` header.
        case s3
    }

    /// The place of the session token: covered by the signature or added after it.
    public enum TokenPlacement: Sendable {
        case signed
        /// Added afterwards, as IoT and some gateways want it.
        case afterSigning
    }

    /// The signing name, as in the credential scope: `sts`, `bedrock`, `iam`.
    public var service: String
    public var region: String
    public var rules: Rules
    public var tokenPlacement: TokenPlacement
    let keys: SigningKeyCache?

    /// A signer; `keys` spares it four HMACs per signature where many are made.
    public init(
        service: String,
        region: String,
        rules: Rules = .standard,
        tokenPlacement: TokenPlacement = .signed,
        keys: SigningKeyCache? = nil
    ) {
        self.service = service
        self.region = region
        self.rules = rules
        self.tokenPlacement = tokenPlacement
        self.keys = keys
    }

    /// `request` with the headers that prove who sends it: `X-Amz-Date`, `X-Amz-Security-Token`, `Authorization`.
    ///
    /// Headers of those names that it already has are replaced. A `Date` header is kept as the signature's date, with
    /// `date` written into it.
    ///
    /// - Parameters:
    ///   - request: its URL must be percent-encoded as it will be sent.
    ///   - credentials: their expiration isn't checked.
    ///   - date: the moment of sending, whole seconds; AWS takes five minutes of difference from its own clock.
    /// - Returns: the request to send; its headers hold the session token, so don't log them.
    /// - Throws: ``SigningError``.
    public func sign(
        _ request: SigningRequest,
        with credentials: AWSCredentials,
        at date: Date
    ) throws(SigningError) -> SigningRequest {
        try trace(request, with: credentials, at: date).request
    }

    /// The steps of a signature, which tests compare.
    struct Trace {
        let canonicalRequest: String
        let stringToSign: String
        let signature: String
        let request: SigningRequest
    }

    func trace(
        _ request: SigningRequest,
        with credentials: AWSCredentials,
        at date: Date
    ) throws(SigningError) -> Trace {
        guard let url = URLParts(request.url) else { throw .malformedURL }
        let signingDate = SigningDate(date)
        var request = request
        request.removeHeader("Authorization")
        if request.header("Date") == nil {
            request.replaceHeader("X-Amz-Date", with: signingDate.stamp)
        } else {
            request.replaceHeader("Date", with: Self.dateHeader(date))
            request.removeHeader("X-Amz-Date")
        }
        let token = credentials.sessionToken
        if let token {
            request.removeHeader("X-Amz-Security-Token")
            if tokenPlacement == .signed { request.headers.append(("X-Amz-Security-Token", token.reveal())) }
        }
        let digest = CanonicalRequest.digest(of: request.payload)
        if rules == .s3 || digest == CanonicalRequest.unsignedPayload {
            request.replaceHeader("X-Amz-Content-SHA256", with: digest)
        }

        let canonical = CanonicalRequest(
            request,
            url: url,
            path: canonicalPath(url),
            query: url.query,
            payload: request.header("X-Amz-Content-SHA256") ?? digest
        )
        let (text, signature) = signature(of: canonical, secret: credentials.secretAccessKey, at: signingDate)
        request.headers.append(
            (
                "Authorization",
                "AWS4-HMAC-SHA256 Credential=\(credentials.accessKeyID)/\(scope(signingDate)), "
                    + "SignedHeaders=\(canonical.signedHeaders), Signature=\(signature)"
            )
        )
        if let token, tokenPlacement == .afterSigning {
            request.headers.append(("X-Amz-Security-Token", token.reveal()))
        }
        return Trace(canonicalRequest: canonical.text, stringToSign: text, signature: signature, request: request)
    }

    func canonicalPath(_ url: URLParts) -> String {
        switch rules {
        case .standard: CanonicalPath.normalized(url.path)
        case .s3: url.path
        }
    }

    /// `20260102/us-east-1/bedrock/aws4_request`.
    func scope(_ date: SigningDate) -> String {
        "\(date.dayStamp)/\(region)/\(service)/aws4_request"
    }

    func signature(
        of canonical: CanonicalRequest,
        secret: Secret<String>,
        at date: SigningDate
    ) -> (stringToSign: String, signature: String) {
        let text = "AWS4-HMAC-SHA256\n\(date.stamp)\n\(scope(date))\n\(canonical.digest)"
        let key = signingKey(secret: secret, day: date.dayStamp)
        return (text, Hex.string(key.sign(Array(text.utf8))))
    }

    func signingKey(secret: Secret<String>, day: String) -> SigningKey {
        keys?.key(secretAccessKey: secret, day: day, region: region, service: service)
            ?? SigningKey(secretAccessKey: secret, day: day, region: region, service: service)
    }

    private static func dateHeader(_ date: Date) -> String {
        let seconds = Int(date.timeIntervalSince1970.rounded(.down))
        let days = Int((Double(seconds) / 86_400).rounded(.down))
        return SigningDate(unixSeconds: seconds).rfc2822(weekday: ((days + 4) % 7 + 7) % 7)
    }
}

/// A request to sign.
public struct SigningRequest: Sendable {
    /// The part of the body that is signed.
    public enum Payload: Sendable {
        /// The whole body; empty for none.
        case bytes(Data)
        /// Its SHA-256 in lower-case hex, for a body that was hashed while it was written.
        case digest(String)
        /// `UNSIGNED-PAYLOAD`: the body isn't protected by the signature, only by TLS.
        case unsigned
    }

    public var method: String
    /// Absolute, already percent-encoded.
    public var url: String
    /// In the order they are sent; repeated names are folded in the signature.
    public var headers: [(name: String, value: String)]
    public var payload: Payload

    public init(
        method: String,
        url: String,
        headers: [(name: String, value: String)] = [],
        payload: Payload = .bytes(Data())
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.payload = payload
    }

    func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    mutating func replaceHeader(_ name: String, with value: String) {
        removeHeader(name)
        headers.append((name, value))
    }

    mutating func removeHeader(_ name: String) {
        headers.removeAll { $0.name.lowercased() == name.lowercased() }
    }
}

extension SigningRequest: CustomStringConvertible, CustomReflectable {
    public var description: String { "\(method) request" }
    public var customMirror: Mirror { Mirror(self, children: ["method": method]) }
}

/// The reason why a request can't be signed.
public enum SigningError: Error, Sendable, Equatable {
    /// Not absolute http or https, or with a user, a fragment, a blank or a control character in it.
    case malformedURL
    /// Not whole seconds, or outside 1 second to the limit of what is signed (presigned URL: 7 days, bearer token: 12
    /// h).
    case expiryOutOfRange
    /// The region isn't the name of one: 1 to 63 letters, digits and hyphens, with a letter, no hyphen at the ends.
    case malformedRegion
    /// The credentials have expired.
    case credentialsEnded
}
