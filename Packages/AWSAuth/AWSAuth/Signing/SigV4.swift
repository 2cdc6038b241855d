public import BursarFoundation
import BursarModel

/// AWS Signature Version 4 for one service in one region: pure, with the date as an argument.
///
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html; held byte for byte to botocore.
public struct SigV4: Sendable {
    /// How paths and payloads are treated.
    public enum Rules: Sendable {
        /// Dots and double slashes resolved, each path segment encoded once more.
        case standard
        /// S3: the path as it stands, and always an `X-Amz-Content-SHA256` header.
        case s3
    }

    /// Whether the session token is covered by the signature.
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
    ///   - credentials: whose expiration isn't looked at.
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

    /// What a signature was made from, for tests to compare step by step.
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
