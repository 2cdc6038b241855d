public import BursarFoundation

/// Short-lived AWS credentials, as STS issues them.
public struct SessionCredentials: Sendable {
    /// The public half (`ASIA…`): recorded with each vend, and what CloudTrail shows.
    public let accessKeyID: String
    public let secretAccessKey: Secret<String>
    public let sessionToken: Secret<String>
    /// The time from which AWS refuses them, UTC.
    public let expiration: Date

    public init(accessKeyID: String, secretAccessKey: Secret<String>, sessionToken: Secret<String>, expiration: Date) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
        self.expiration = expiration
    }

    /// Returns the remaining lifetime; negative after expiry.
    public func timeLeft(at date: Date) -> TimeInterval {
        expiration.timeIntervalSince(date)
    }
}

/// The parts of AWS credentials, and what each may hold wherever it is read.
///
/// Printable ASCII without blanks, quotes or backslashes, of a bounded length: so a value can stand in JSON, a
/// header or a shell line as it is, and nothing hostile passes from one peer to the next.
package enum CredentialField: String, Sendable, CaseIterable {
    case accessKeyID = "AccessKeyId"
    case secretAccessKey = "SecretAccessKey"
    case sessionToken = "SessionToken"

    /// Returns true if `text` is valid for this field.
    package func accepts(_ text: String) -> Bool {
        length.contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }
    }

    private var length: ClosedRange<Int> {
        switch self {
        case .accessKeyID: 1...128
        case .secretAccessKey: 1...256
        case .sessionToken: 1...16_384
        }
    }
}
