import BursarFoundation
import BursarHTTP
public import BursarModel

/// The IAM Identity Center portal: a signed-in person's role credentials.
///
/// https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/
public struct SSOClient: Sendable {
    let connection: AWSServiceClient

    /// - Parameters:
    ///   - region: the session's `sso_region`, often not where the work is.
    ///   - endpoints: overrides of `AWS_ENDPOINT_URL_SSO` and `AWS_ENDPOINT_URL`.
    ///   - clientContext: transport and clock.
    /// - Throws: ``EndpointError``.
    public init(region: String, endpoints: EndpointResolver, clientContext: AWSClientContext) throws(EndpointError) {
        connection = AWSServiceClient(
            service: .sso,
            endpoint: try endpoints.endpoint(for: .sso, region: region),
            credentials: nil,
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
        let response = try await connection.send(call, hiding: [token])
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
        let answer = try decoder.container(keyedBy: CodingKeys.self)
        let fields = try answer.nestedContainer(keyedBy: FieldKeys.self, forKey: .roleCredentials)
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
