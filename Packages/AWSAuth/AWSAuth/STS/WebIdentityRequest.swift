public import BursarModel

/// What AssumeRoleWithWebIdentity is asked for.
///
/// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
public struct WebIdentityRequest: Sendable {
    public var roleARN: String
    /// 2 to 64 of `\w+=,.@-`.
    public var sessionName: String
    /// The identity provider's token, 4 to 20,000 characters.
    public var token: Secret<String>
    /// Whole seconds, 15 minutes to 12 hours; nil leaves it to STS: 1 hour.
    public var duration: Duration?
    /// A session policy, JSON of at most 2,048 characters.
    public var policy: String?

    public init(
        roleARN: String,
        sessionName: String,
        token: Secret<String>,
        duration: Duration? = nil,
        policy: String? = nil
    ) {
        self.roleARN = roleARN
        self.sessionName = sessionName
        self.token = token
        self.duration = duration
        self.policy = policy
    }

    func form() throws(AWSError) -> QueryForm {
        try STSLimits.check(roleARN: roleARN)
        try STSLimits.check(name: sessionName, field: "RoleSessionName")
        guard (4...20_000).contains(token.reveal().utf8.count) else {
            throw .invalidParameter(service: .sts, field: "WebIdentityToken")
        }
        if let policy { try STSLimits.check(policy: policy) }
        var form = QueryForm(action: "AssumeRoleWithWebIdentity", version: STSClient.version)
        form.add("RoleArn", roleARN)
        form.add("RoleSessionName", sessionName)
        form.add("WebIdentityToken", token.reveal())
        form.add("Policy", policy)
        form.add("DurationSeconds", try STSLimits.seconds(duration, in: 900...43_200))
        return form
    }
}
