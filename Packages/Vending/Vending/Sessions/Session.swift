package import BursarFoundation
package import BursarModel

/// Credentials that were issued to a key, and when.
package struct Session: Sendable {
    package let credentials: SessionCredentials
    package let issued: Date
    /// The credentials as `GET /credentials` answers them: written once, since they are handed out many times.
    package let json: Secret<String>

    init(_ credentials: SessionCredentials, issued: Date) {
        self.credentials = credentials
        self.issued = issued
        json = ProcessOutput(credentials).json(.offset)
    }

    /// Whether they are worth handing out again: more than half of their life is left.
    ///
    /// More than their whole life can't be: the clock was set back since, and doesn't say when they end.
    package func isFresh(at date: Date) -> Bool {
        let life = credentials.expiration.timeIntervalSince(issued)
        let left = credentials.timeLeft(at: date)
        return left > life / 2 && left <= life + Self.clockSlack
    }

    /// What a clock may be corrected by without a new session for every key.
    private static let clockSlack: TimeInterval = 60
}
