public import BursarModel

/// The parameters of AssumeRole.
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
    /// 2 to 64 of `\w+=,.@-`: the session's name in CloudTrail.
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

    /// Checks the documented limits, so that a wrong setting is found at start and not in use.
    ///
    /// - Throws: ``AWSError/invalidParameter(service:field:)``.
    public func check() throws(AWSError) {
        _ = try form()
    }

    /// The call's body.
    ///
    /// - Throws: ``AWSError/invalidParameter(service:field:)`` for a parameter outside STS's documented limits.
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

/// The parameters of AssumeRoleWithWebIdentity.
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

/// The limits that STS documents for its parameters, checked before anything is sent.
enum STSLimits {
    static func check(roleARN: String) throws(AWSError) {
        let parts = roleARN.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard (20...2048).contains(roleARN.utf8.count), parts.count == 6, parts[0] == "arn", parts[2] == "iam",
            parts[5].hasPrefix("role/"), roleARN.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw .invalidParameter(service: .sts, field: "RoleArn") }
    }

    static func check(name: String, field: String) throws(AWSError) {
        guard Handle(name) != nil else { throw .invalidParameter(service: .sts, field: field) }
    }

    static func check(externalID: String) throws(AWSError) {
        guard (2...1224).contains(externalID.utf8.count),
            externalID.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "_+=,.@:/-".utf8.contains($0) })
        else { throw .invalidParameter(service: .sts, field: "ExternalId") }
    }

    static func check(policy: String) throws(AWSError) {
        guard (1...2048).contains(policy.unicodeScalars.count) else {
            throw .invalidParameter(service: .sts, field: "Policy")
        }
    }

    static func check(tag: AssumeRoleRequest.Tag) throws(AWSError) {
        guard (1...128).contains(tag.key.unicodeScalars.count), tag.value.unicodeScalars.count <= 256 else {
            throw .invalidParameter(service: .sts, field: "Tags")
        }
    }

    /// Whole seconds as a parameter; nil when none is asked for.
    static func seconds(_ duration: Duration?, in allowed: ClosedRange<Int64>) throws(AWSError) -> String? {
        guard let duration else { return nil }
        let (seconds, attoseconds) = duration.components
        guard attoseconds == 0, allowed.contains(seconds) else {
            throw .invalidParameter(service: .sts, field: "DurationSeconds")
        }
        return String(seconds)
    }
}
