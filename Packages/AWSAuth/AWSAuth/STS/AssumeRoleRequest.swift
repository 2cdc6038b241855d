/// What AssumeRole is asked for.
///
/// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
public struct AssumeRoleRequest: Sendable, Equatable {
    /// A session tag; STS takes at most 50, keys to 128 and values to 256 characters.
    public struct Tag: Sendable, Equatable {
        public let key: String
        public let value: String

        public init(key: String, value: String) {
            self.key = key
            self.value = value
        }
    }

    public var roleARN: String
    /// 2 to 64 of `\w+=,.@-`: how the session shows in CloudTrail.
    public var sessionName: String
    /// Whole seconds, 15 minutes to 12 hours (1 hour when the caller is itself a role); nil leaves it to STS: 1 hour.
    public var duration: Duration?
    /// 2 to 1,224 characters.
    public var externalID: String?
    /// A session policy, JSON of at most 2,048 characters; it narrows the role and never widens it.
    public var policy: String?
    public var tags: [Tag]
    /// Keys of tags that are passed on when the session assumes further roles.
    public var transitiveTagKeys: [String]
    /// 2 to 64 of `\w+=,.@-`, kept through role chains; can't be changed once a session has one.
    public var sourceIdentity: String?

    public init(
        roleARN: String,
        sessionName: String,
        duration: Duration? = nil,
        externalID: String? = nil,
        policy: String? = nil,
        tags: [Tag] = [],
        transitiveTagKeys: [String] = [],
        sourceIdentity: String? = nil
    ) {
        self.roleARN = roleARN
        self.sessionName = sessionName
        self.duration = duration
        self.externalID = externalID
        self.policy = policy
        self.tags = tags
        self.transitiveTagKeys = transitiveTagKeys
        self.sourceIdentity = sourceIdentity
    }

    /// Checks what STS can be told to refuse beforehand, so that a setting is found wrong at start and not in use.
    ///
    /// - Throws: ``AWSError/invalidParameter(service:field:)``.
    public func check() throws(AWSError) {
        _ = try form()
    }

    /// The call's body.
    ///
    /// - Throws: ``AWSError/invalidParameter(service:field:)`` where STS would refuse what it can be told beforehand.
    func form() throws(AWSError) -> QueryForm {
        try STSLimits.check(roleARN: roleARN)
        try STSLimits.check(name: sessionName, field: "RoleSessionName")
        if let sourceIdentity { try STSLimits.check(name: sourceIdentity, field: "SourceIdentity") }
        if let externalID { try STSLimits.check(externalID: externalID) }
        if let policy { try STSLimits.check(policy: policy) }
        for tag in tags { try STSLimits.check(tag: tag) }
        guard tags.count <= 50 else { throw .invalidParameter(service: .sts, field: "Tags") }

        var form = QueryForm(action: "AssumeRole", version: STSClient.version)
        form.add("RoleArn", roleARN)
        form.add("RoleSessionName", sessionName)
        form.add("DurationSeconds", try STSLimits.seconds(duration, in: 900...43_200))
        form.add("ExternalId", externalID)
        form.add("Policy", policy)
        form.add("SourceIdentity", sourceIdentity)
        form.add(list: "Tags", tags) { [(".Key", $0.key), (".Value", $0.value)] }
        form.add(list: "TransitiveTagKeys", transitiveTagKeys) { [("", $0)] }
        return form
    }
}
