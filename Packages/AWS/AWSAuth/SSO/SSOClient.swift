import BursarFoundation
import BursarHTTP
public import BursarModel

/// The IAM Identity Center portal: a signed-in person's role credentials.
///
/// https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/
public struct SSOClient: Sendable {
    private let client: AWSServiceClient

    /// - Parameters:
    ///   - region: the session's `sso_region`, often not where the work is.
    ///   - endpoints: overrides of `AWS_ENDPOINT_URL_SSO` and `AWS_ENDPOINT_URL`.
    ///   - clientContext: transport and clock.
    /// - Throws: ``EndpointError``.
    public init(region: String, endpoints: EndpointResolver, clientContext: AWSClientContext) throws(EndpointError) {
        client = try AWSServiceClient(
            service: .sso,
            region: region,
            credentials: nil,
            endpoints: endpoints,
            clientContext: clientContext
        )
    }

    /// Credentials of a role in an account, for the person whose access token it is.
    ///
    /// https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_GetRoleCredentials.html
    ///
    /// - Parameters:
    ///   - account: twelve digits.
    ///   - role: the permission set's role name, as in `sso_role_name`.
    ///   - token: the access token of the signed-in session.
    /// - Returns: credentials that live as long as the permission set says.
    /// - Throws: ``AWSError`` or `CancellationError`.
    public func roleCredentials(
        account: String,
        role: String,
        token: Secret<String>
    ) async throws -> SessionCredentials {
        let query = "role_name=\(PercentEncoding.encode(role))&account_id=\(PercentEncoding.encode(account))"
        var call = AWSRequest("GetRoleCredentials", .get, "/federation/credentials?\(query)")
        call.isSigned = false
        call.headers.append(("x-amz-sso_bearer_token", token.reveal()))
        let response = try await client.send(call, hiding: [token])
        return try JSONResponse.decode(RoleCredentialsResponse.self, response, service: .sso).credentials
    }
}

private struct RoleCredentialsResponse: Decodable {
    let credentials: SessionCredentials

    enum CodingKeys: String, CodingKey {
        case roleCredentials = "roleCredentials"
    }

    enum FieldKeys: String, CodingKey {
        case accessKeyID = "accessKeyId"
        case secretAccessKey = "secretAccessKey"
        case sessionToken = "sessionToken"
        case expiration = "expiration"
    }

    /// The year 10000, which no time on the wire can name.
    static let endOfCalendar = 253_402_300_800.0

    init(from decoder: any Decoder) throws {
        let response = try decoder.container(keyedBy: CodingKeys.self)
        let fields = try response.nestedContainer(keyedBy: FieldKeys.self, forKey: .roleCredentials)
        // Milliseconds, unlike everywhere else.
        let end = try fields.decode(Double.self, forKey: .expiration) / 1000
        guard (0..<Self.endOfCalendar).contains(end) else {
            throw DecodingError.dataCorruptedError(forKey: .expiration, in: fields, debugDescription: "out of range")
        }
        credentials = SessionCredentials(
            accessKeyID: try CredentialCharacters.plain(fields, .accessKeyID),
            secretAccessKey: Secret(try CredentialCharacters.plain(fields, .secretAccessKey)),
            sessionToken: Secret(try CredentialCharacters.plain(fields, .sessionToken)),
            expiration: Date(timeIntervalSince1970: end)
        )
    }
}

/// The IAM Identity Center's OpenID Connect service: new access tokens for signed-in sessions.
///
/// https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/
public struct SSOOIDCClient: Sendable {
    private let client: AWSServiceClient

    /// The response of CreateToken.
    public struct Grant: Sendable {
        public let accessToken: Secret<String>
        /// Counted from the response.
        public let lifetime: Duration
        /// nil if the old one stays valid.
        public let refreshToken: Secret<String>?
    }

    /// - Parameters:
    ///   - region: the session's `sso_region`.
    ///   - endpoints: overrides of `AWS_ENDPOINT_URL_SSO_OIDC` and `AWS_ENDPOINT_URL`.
    ///   - clientContext: transport and clock.
    /// - Throws: ``EndpointError``.
    public init(region: String, endpoints: EndpointResolver, clientContext: AWSClientContext) throws(EndpointError) {
        client = try AWSServiceClient(
            service: .ssoOIDC,
            region: region,
            credentials: nil,
            endpoints: endpoints,
            clientContext: clientContext
        )
    }

    /// Exchanges a refresh token for an access token; AWS may invalidate the refresh token, so the request is sent
    /// once.
    ///
    /// https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html
    ///
    /// - Parameters:
    ///   - refreshToken: of the signed-in session.
    ///   - clientID: of the registration that signed it in.
    ///   - clientSecret: likewise.
    /// - Returns: the new token and its lifetime.
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
        let response = try await client.send(call, hiding: [refreshToken, clientSecret])
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
