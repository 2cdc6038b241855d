import BursarFoundation
import BursarHTTP
public import BursarModel

/// The IAM Identity Center's OpenID Connect service: new access tokens for signed-in sessions.
///
/// https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/
public struct SSOOIDCClient: Sendable {
    let connection: AWSServiceClient

    /// What CreateToken gives.
    public struct Grant: Sendable {
        public let accessToken: Secret<String>
        /// Counted from the answer.
        public let lifetime: Duration
        /// nil when the old one stays in force.
        public let refreshToken: Secret<String>?
    }

    /// - Parameters:
    ///   - region: the session's `sso_region`.
    ///   - endpoints: overrides of `AWS_ENDPOINT_URL_SSO_OIDC` and `AWS_ENDPOINT_URL`.
    ///   - clientContext: transport and clock.
    /// - Throws: ``EndpointError``.
    public init(region: String, endpoints: EndpointResolver, clientContext: AWSClientContext) throws(EndpointError) {
        connection = AWSServiceClient(
            service: .ssoOIDC,
            endpoint: try endpoints.endpoint(for: .ssoOIDC, region: region),
            credentials: nil,
            clientContext: clientContext
        )
    }

    /// Trades a refresh token for an access token; the refresh token may be used up by it, so this is sent once.
    ///
    /// https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html
    ///
    /// - Parameters:
    ///   - refreshToken: of the signed-in session.
    ///   - clientID: of the registration that signed it in.
    ///   - clientSecret: likewise.
    /// - Returns: the new token and its life.
    /// - Throws: ``AWSError`` or `CancellationError`.
    public func createToken(
        refreshToken: Secret<String>,
        clientID: String,
        clientSecret: Secret<String>
    ) async throws -> Grant {
        let body = try JSONEncoder().encode(
            [
                "grantType": "refresh_token", "clientId": clientID, "clientSecret": clientSecret.reveal(),
                "refreshToken": refreshToken.reveal(),
            ]
        )
        var call = AWSRequest("CreateToken", .post, "/token", json: body)
        call.isSigned = false
        call.isRepeatable = false
        let response = try await connection.send(call, hiding: [refreshToken, clientSecret])
        return try JSONResponse.decode(GrantResponse.self, response, service: .ssoOIDC).grant
    }
}

private struct GrantResponse: Decodable {
    let grant: SSOOIDCClient.Grant

    enum CodingKeys: String, CodingKey {
        case accessToken = "accessToken"
        case expiresIn = "expiresIn"
        case refreshToken = "refreshToken"
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let seconds = try fields.decode(Int.self, forKey: .expiresIn)
        guard (1...31_536_000).contains(seconds) else {
            throw DecodingError.dataCorruptedError(forKey: .expiresIn, in: fields, debugDescription: "out of range")
        }
        grant = SSOOIDCClient.Grant(
            accessToken: Secret(try CredentialCharacters.plain(fields, .accessToken)),
            lifetime: .seconds(seconds),
            refreshToken: try fields.decodeIfPresent(Secret<String>.self, forKey: .refreshToken)
        )
    }
}
