import BursarFoundation
public import BursarHTTP
public import BursarModel

/// A client of the Security Token Service.
///
/// https://docs.aws.amazon.com/STS/latest/APIReference/
public struct STSClient: Sendable {
    static let version = "2011-06-15"
    let client: AWSServiceClient

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
        client = try AWSServiceClient(
            service: .sts,
            region: region,
            credentials: credentials,
            endpoints: endpoints,
            clientContext: clientContext,
            retries: retries,
            limits: limits
        )
    }

    /// Credentials of a role, for at most as long as it allows.
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    public func assumeRole(_ request: AssumeRoleRequest) async throws -> AssumedRole {
        let call = AWSRequest("AssumeRole", form: try request.form())
        return try AssumedRole(try await response(to: call))
    }

    /// Credentials of a role for the holder of an identity provider's token; the call isn't signed.
    ///
    /// - Throws: ``AWSError`` or `CancellationError`.
    public func assumeRole(webIdentity request: WebIdentityRequest) async throws -> AssumedRole {
        let call = AWSRequest("AssumeRoleWithWebIdentity", form: try request.form(), isSigned: false)
        return try AssumedRole(try await response(to: call))
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
        return try await response(to: AWSRequest("GetSessionToken", form: form)).credentials()
    }

    /// Returns the identity of the credentials; the call needs no permission.
    ///
    /// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    public func callerIdentity() async throws -> CallerIdentity {
        let form = QueryForm(action: "GetCallerIdentity", version: Self.version)
        return try CallerIdentity(try await response(to: AWSRequest("GetCallerIdentity", form: form)))
    }

    /// The `…Result` element of a call's response.
    func response(to call: AWSRequest) async throws -> QueryResponse {
        try QueryResponse(try await client.send(call), operation: call.operation, service: .sts)
    }
}

/// The identity whose credentials signed a call.
public struct CallerIdentity: Sendable, Equatable {
    /// Twelve digits.
    public let account: String
    public let arn: String
    /// `AIDA…` for a user, `AROA…:SESSION` for a role session.
    public let userID: String

    init(_ response: QueryResponse) throws(AWSError) {
        account = try response.text("Account")
        arn = try response.text("Arn")
        userID = try response.text("UserId")
    }
}

/// A session of a role, granted by STS.
public struct AssumedRole: Sendable {
    public let credentials: SessionCredentials
    /// `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`.
    public let arn: String
    /// `AROA…:SESSION`, as policies match it in `aws:userid`.
    public let assumedRoleID: String
    /// The used part of the quota for policy and tags, in percent; nil if STS doesn't report it.
    public let packedPolicySize: Int?
    public let sourceIdentity: String?

    init(_ response: QueryResponse) throws(AWSError) {
        credentials = try response.credentials()
        arn = try response.text("AssumedRoleUser", "Arn")
        assumedRoleID = try response.text("AssumedRoleUser", "AssumedRoleId")
        packedPolicySize = response.result["PackedPolicySize"].flatMap { Int($0.text) }
        sourceIdentity = response.result["SourceIdentity"].flatMap { $0.text.isEmpty ? nil : $0.text }
    }
}
