public import BursarFoundation

/// Short-lived AWS credentials, as STS issues them.
public struct SessionCredentials: Sendable {
    /// The public half (`ASIA…`): recorded with each vend, and what CloudTrail shows.
    public let accessKeyID: String
    public let secretAccessKey: Secret<String>
    public let sessionToken: Secret<String>
    /// When AWS stops accepting them, UTC.
    public let expiration: Date

    public init(accessKeyID: String, secretAccessKey: Secret<String>, sessionToken: Secret<String>, expiration: Date) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
        self.expiration = expiration
    }

    /// What is left of their life; negative once they have ended.
    public func timeLeft(at date: Date) -> TimeInterval {
        expiration.timeIntervalSince(date)
    }
}
