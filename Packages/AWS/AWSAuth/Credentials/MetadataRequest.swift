import BursarFoundation
import BursarHTTP
import BursarModel

/// A request to a local metadata endpoint: short timeouts, a small response, and never through a proxy.
struct MetadataRequest {
    var method = HTTPClientRequest.Method.get
    let url: String
    var headers: [(name: String, value: String)] = []
    let timeout: Duration

    /// Sends it; faults on the way and 5xx or 429 are tried again.
    ///
    /// - Throws: ``CredentialError/failed(source:detail:)``, or `CancellationError`.
    func send(
        _ clientContext: AWSClientContext,
        attempts: Int,
        pause: Duration,
        source: String
    ) async throws -> HTTPClientResponse {
        var attempt = 1
        while true {
            let limits = TransferLimits(connect: timeout, total: timeout, body: 64 << 10)
            var request = HTTPClientRequest(method, url: url, headers: headers, limits: limits)
            request.goesDirect = true
            do {
                let response = try await clientContext.send(request)
                let mayPass = response.status == 429 || (500..<600).contains(response.status)
                if !mayPass || attempt >= attempts { return response }
            } catch let fault as TransportError {
                if !fault.isRetryable || attempt >= attempts {
                    throw CredentialError.failed(source: source, detail: "the endpoint doesn't answer")
                }
            }
            attempt += 1
            try await clientContext.sleep(pause)
        }
    }
}

/// Credentials as the container and instance endpoints return them: `AccessKeyId`, `SecretAccessKey`, `Token`,
/// `Expiration`, and `AccountId` where known.
struct MetadataResponse: Decodable {
    let credentials: AWSCredentials

    private enum CodingKeys: String, CodingKey {
        case accessKeyID = "AccessKeyId"
        case secretAccessKey = "SecretAccessKey"
        case token = "Token"
        case expiration = "Expiration"
        case accountID = "AccountId"
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let expiration = try fields.decode(String.self, forKey: .expiration)
        guard let date = Timestamp.date(expiration) else {
            throw DecodingError.dataCorruptedError(forKey: .expiration, in: fields, debugDescription: "not a time")
        }
        credentials = AWSCredentials(
            accessKeyID: try CredentialCharacters.plain(fields, .accessKeyID),
            secretAccessKey: Secret(try CredentialCharacters.plain(fields, .secretAccessKey)),
            sessionToken: Secret(try CredentialCharacters.plain(fields, .token)),
            expiration: date,
            accountID: try fields.decodeIfPresent(String.self, forKey: .accountID)
        )
    }
}
