import AWSAuth
import BursarFoundation
import BursarModel

/// What a person reads of a new token: what was asked for, if anything, what the credentials allow, and its true end.
struct TokenReport {
    let lines: [String]

    init(_ token: BedrockToken, asked: TimeSpan?, _ credentials: AWSCredentials, at date: Date) {
        let longest = TimeSpan(seconds: Int(BedrockToken.longestExpiry.components.seconds))
        let allowed: String
        if let end = credentials.expiration {
            let left = TimeSpan(seconds: min(Self.whole(end, date), longest.seconds))
            allowed = "the credentials allow \(left)"
        } else if credentials.sessionToken != nil {
            allowed = "the credentials don't say when they end; the token ends with them"
        } else {
            allowed = "the credentials don't end, so AWS's \(longest) is the limit"
        }
        let left = TimeSpan(seconds: Self.whole(token.expiration, date))
        let atMost = credentials.expiration == nil && credentials.sessionToken != nil ? "at the latest " : ""
        lines = [
            (asked.map { "asked for \($0); " } ?? "") + allowed,
            "the token for \(token.region) ends \(atMost)in \(left), \(Timestamp.string(token.expiration))",
        ]
    }

    /// Rounded down, so that nobody is told of life that isn't there.
    private static func whole(_ end: Date, _ date: Date) -> Int {
        max(0, Int(end.timeIntervalSince(date).rounded(.down)))
    }
}
