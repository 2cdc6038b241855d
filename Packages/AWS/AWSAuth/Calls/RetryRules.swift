package import BursarFoundation
import BursarHTTP
import BursarModel

/// The number of attempts and the pauses between them: AWS's standard retry mode.
///
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
public struct RetryRules: Sendable {
    /// The number of attempts, the first included.
    public var attempts: Int
    /// The number of attempts after throttling, which passes; nil is ``attempts``.
    public var throttledAttempts: Int?
    /// The upper limit of a pause, which is random up to 1 s, 2 s, 4 s and so on.
    public var longestPause: Duration
    /// No attempt begins later than this after the first.
    public var deadline: Duration

    public init(
        attempts: Int = 3,
        throttledAttempts: Int? = nil,
        longestPause: Duration = .seconds(20),
        deadline: Duration = .seconds(30)
    ) {
        self.attempts = attempts
        self.throttledAttempts = throttledAttempts
        self.longestPause = longestPause
        self.deadline = deadline
    }

    /// The number of attempts after `error`.
    func attempts(after error: AWSError) -> Int {
        guard case .refused(let refusal) = error, refusal.isThrottling else { return attempts }
        return throttledAttempts ?? attempts
    }

    /// The pause after attempt number `attempt` (from 1); `chance` is 0 up to 1.
    ///
    /// The service's `Retry-After` is honoured, with the random part on top so that clients don't return
    /// together; nil when it is longer than ``longestPause``.
    func pause(after attempt: Int, asked: Duration?, chance: Double) -> Duration? {
        let ceiling = min(longestPause, .seconds(1 << min(attempt - 1, 10)))
        guard let asked else { return ceiling * chance }
        return asked > longestPause ? nil : asked + .seconds(1) * chance
    }

    /// The pause that the service asks for: `Retry-After` in seconds or as a date, or AWS's own header in milliseconds.
    static func asked(_ response: HTTPClientResponse, at date: Date) -> Duration? {
        if let text = response.header("x-amz-retry-after"), let milliseconds = Int(text), milliseconds >= 0 {
            return .milliseconds(min(milliseconds, 86_400_000))
        }
        guard let text = response.header("retry-after") else { return nil }
        if let seconds = Int(text) { return seconds >= 0 ? .seconds(min(seconds, 86_400)) : nil }
        return HTTPDate.date(text).map { .seconds(max(0, min(86_400, $0.timeIntervalSince(date)))) }
    }
}

/// `Sat, 21 Nov 2026 05:45:39 GMT`: the `Date` and `Retry-After` headers (RFC 9110 §5.6.7, the form in use).
package enum HTTPDate {
    package static func date(_ text: String) -> Date? {
        let parts = text.split(separator: " ")
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard parts.count == 6, parts[5] == "GMT", let month = months.firstIndex(of: String(parts[2])),
            parts[1].utf8.count == 2, parts[3].utf8.count == 4
        else { return nil }
        let number = month < 9 ? "0\(month + 1)" : "\(month + 1)"
        return Timestamp.date("\(parts[3])-\(number)-\(parts[1])T\(parts[4])Z")
    }
}
