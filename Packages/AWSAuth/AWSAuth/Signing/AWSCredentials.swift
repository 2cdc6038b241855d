public import BursarFoundation
public import BursarModel

/// What a request is signed with: long-lived keys, or a session's keys with their token.
public struct AWSCredentials: Sendable, Equatable {
    /// The public half (`AKIA…`, `ASIA…`).
    public let accessKeyID: String
    public let secretAccessKey: Secret<String>
    /// nil for long-lived keys; an empty token counts as none.
    public let sessionToken: Secret<String>?
    /// When AWS stops accepting them, UTC; nil when they don't end or nobody said.
    public let expiration: Date?
    /// The account they belong to, where the source names it.
    public let accountID: String?

    public init(
        accessKeyID: String,
        secretAccessKey: Secret<String>,
        sessionToken: Secret<String>? = nil,
        expiration: Date? = nil,
        accountID: String? = nil
    ) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken.flatMap { $0.reveal().isEmpty ? nil : $0 }
        self.expiration = expiration
        self.accountID = accountID
    }

    public init(_ session: SessionCredentials, accountID: String? = nil) {
        self.init(
            accessKeyID: session.accessKeyID,
            secretAccessKey: session.secretAccessKey,
            sessionToken: session.sessionToken,
            expiration: session.expiration,
            accountID: accountID
        )
    }
}
