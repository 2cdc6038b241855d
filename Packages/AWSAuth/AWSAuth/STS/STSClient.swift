import BursarFoundation
public import BursarHTTP
public import BursarModel

/// The Security Token Service: who am I, and may I be someone else for a while.
///
/// https://docs.aws.amazon.com/STS/latest/APIReference/
public struct STSClient: Sendable {
    static let version = "2011-06-15"
    let connection: AWSServiceClient

    /// A client of the regional endpoint.
    ///
    /// - Parameters:
    ///   - region: `us-east-1`; tokens of regional endpoints are valid in every region of the partition.
    ///   - credentials: who calls; nil for calls that need none (``assumeRole(webIdentity:)``).
    ///   - endpoints: overrides of `AWS_ENDPOINT_URL_STS` and `AWS_ENDPOINT_URL`.
    ///   - clientContext: transport and clock.
    ///   - retries: how often a call is tried.
    ///   - limits: of each try.
    /// - Throws: ``EndpointError``.
    public init(
        region: String,
        credentials: (any CredentialProvider)?,
        endpoints: EndpointResolver,
        clientContext: AWSClientContext,
        retries: RetryRules = RetryRules(),
        limits: TransferLimits = TransferLimits()
    ) throws(EndpointError) {
        connection = AWSServiceClient(
            service: .sts,
            endpoint: try endpoints.endpoint(for: .sts, region: region),
            credentials: credentials,
            clientContext: clientContext,
            limits: limits,
            retries: retries
        )
    }

    /// Credentials of a role, for at most as long as it allows.
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    public func assumeRole(_ request: AssumeRoleRequest) async throws -> AssumedRole {
        let call = AWSRequest("AssumeRole", form: try request.form())
        return try AssumedRole(try await answer(to: call))
    }

    /// Credentials of a role for the holder of an identity provider's token; the call isn't signed.
    ///
    /// - Throws: ``AWSError`` or `CancellationError`.
    public func assumeRole(webIdentity request: WebIdentityRequest) async throws -> AssumedRole {
        let call = AWSRequest("AssumeRoleWithWebIdentity", form: try request.form(), isSigned: false)
        return try AssumedRole(try await answer(to: call))
    }

    /// Short-lived credentials of the caller, who must be a user with long-lived keys; they can't call IAM.
    ///
    /// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
    ///
    /// - Parameter duration: whole seconds, 15 minutes to 36 hours; nil leaves it to STS: 12 hours.
    /// - Returns: the session.
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    public func sessionToken(duration: Duration? = nil) async throws -> SessionCredentials {
        var form = QueryForm(action: "GetSessionToken", version: Self.version)
        form.add("DurationSeconds", try STSLimits.seconds(duration, in: 900...129_600))
        return try await answer(to: AWSRequest("GetSessionToken", form: form)).credentials()
    }

    /// Whose credentials these are; no permission is needed for it.
    ///
    /// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    public func callerIdentity() async throws -> CallerIdentity {
        let form = QueryForm(action: "GetCallerIdentity", version: Self.version)
        return try CallerIdentity(try await answer(to: AWSRequest("GetCallerIdentity", form: form)))
    }

    /// The `…Result` element of a call's answer.
    func answer(to call: AWSRequest) async throws -> QueryResponse {
        try QueryResponse(try await connection.send(call), operation: call.operation, service: .sts)
    }
}
