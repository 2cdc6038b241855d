public import BursarFoundation
public import BursarModel

extension SigV4 {
    /// Returns a URL that carries its own signature: its holder may send the request until it expires, so it is a
    /// secret.
    ///
    /// The query is parsed and written again (`+` and `%20` both become `%20`, a key without `=` gets one, empty pairs
    /// go), then the signature's parameters follow. Repeated keys are all kept, where botocore keeps the first.
    /// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
    ///
    /// - Parameters:
    ///   - request: its headers must be sent with the URL, as they are signed; its body is signed except for S3.
    ///   - credentials: the URL expires with them at the latest.
    ///   - expiry: whole seconds, 1 second to 7 days.
    ///   - date: the start of its lifetime.
    /// - Returns: the URL; `reveal()` it only where it is handed over.
    /// - Throws: ``SigningError``.
    public func presign(
        _ request: SigningRequest,
        with credentials: AWSCredentials,
        expiry: Duration,
        at date: Date
    ) throws(SigningError) -> Secret<String> {
        Secret(try presignTrace(request, with: credentials, expiry: expiry, at: date).request.url)
    }

    func presignTrace(
        _ request: SigningRequest,
        with credentials: AWSCredentials,
        expiry: Duration,
        at date: Date
    ) throws(SigningError) -> Trace {
        guard let url = URLParts(request.url) else { throw .malformedURL }
        let (seconds, attoseconds) = expiry.components
        guard attoseconds == 0, (1...604_800).contains(seconds) else { throw .expiryOutOfRange }
        let signingDate = SigningDate(date)
        var request = request
        if request.header("Content-Type")?.lowercased() == QueryForm.contentType {
            request.removeHeader("Content-Type")
        }

        var pairs = Self.decodedPairs(url.query ?? "")
        pairs.append(("X-Amz-Algorithm", "AWS4-HMAC-SHA256"))
        pairs.append(("X-Amz-Credential", "\(credentials.accessKeyID)/\(scope(signingDate))"))
        pairs.append(("X-Amz-Date", signingDate.stamp))
        pairs.append(("X-Amz-Expires", String(seconds)))
        pairs.append(("X-Amz-SignedHeaders", CanonicalRequest.signedHeaders(request, url: url)))
        let token = credentials.sessionToken.map { ("X-Amz-Security-Token", $0.reveal()) }
        if let token, tokenPlacement == .signed { pairs.append(token) }

        let query = Self.encoded(pairs)
        let payload = rules == .s3 ? CanonicalRequest.unsignedPayload : CanonicalRequest.digest(of: request.payload)
        let canonical = CanonicalRequest(
            request,
            url: url,
            path: canonicalPath(url),
            query: query,
            payload: request.header("X-Amz-Content-SHA256") ?? payload
        )
        let (text, signature) = signature(of: canonical, secret: credentials.secretAccessKey, at: signingDate)
        let base = request.url.prefix { $0 != "?" }
        request.url = "\(base)?\(query)&X-Amz-Signature=\(signature)"
        if let token, tokenPlacement == .afterSigning { request.url += "&" + Self.encoded([token]) }
        return Trace(canonicalRequest: canonical.text, stringToSign: text, signature: signature, request: request)
    }

    private static func decodedPairs(_ query: String) -> [(String, String)] {
        query.utf8.split(separator: UInt8(ascii: "&")).map { pair in
            let halves = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            return (decoded(halves[0]), halves.count > 1 ? decoded(halves[1]) : "")
        }
    }

    private static func decoded(_ half: Substring.UTF8View.SubSequence) -> String {
        let text = Substring(half)
        return PercentEncoding.decode(text, plusIsSpace: true) ?? String(text)
    }

    private static func encoded(_ pairs: [(String, String)]) -> String {
        pairs.map { "\(PercentEncoding.encode($0.0))=\(PercentEncoding.encode($0.1))" }.joined(separator: "&")
    }
}
