import BursarFoundation
import BursarHTTP

/// How often a call is tried, and how long between: AWS's standard mode.
///
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
public struct RetryRules: Sendable {
    /// Tries in all, the first included.
    public var attempts: Int
    /// The same where AWS says that it is asked too much, which passes; nil is ``attempts``.
    public var throttledAttempts: Int?
    /// Waiting is random up to 1 s, 2 s, 4 s … and never more than this.
    public var longestPause: Duration
    /// No new try begins this long after the first.
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

    /// How often to try in all, after `error`.
    func attempts(after error: AWSError) -> Int {
        guard case .refused(let refusal) = error, refusal.isThrottling else { return attempts }
        return throttledAttempts ?? attempts
    }

    /// How long to wait after try number `attempt` (from 1); `chance` is 0 up to 1.
    ///
    /// What the service asks for in `Retry-After` is kept to, with the random part on top so that clients don't return
    /// as one; nil when it asks for more than ``longestPause``.
    func pause(after attempt: Int, asked: Duration?, chance: Double) -> Duration? {
        let ceiling = min(longestPause, .seconds(1 << min(attempt - 1, 10)))
        guard let asked else { return ceiling * chance }
        return asked > longestPause ? nil : asked + .seconds(1) * chance
    }

    /// `Retry-After` in seconds or as a date, or AWS's own in milliseconds.
    static func asked(_ response: HTTPClientResponse, at date: Date) -> Duration? {
        if let text = response.header("x-amz-retry-after"), let milliseconds = Int(text), milliseconds >= 0 {
            return .milliseconds(min(milliseconds, 86_400_000))
        }
        guard let text = response.header("retry-after") else { return nil }
        if let seconds = Int(text) { return seconds >= 0 ? .seconds(min(seconds, 86_400)) : nil }
        return HTTPDate.date(text).map { .seconds(max(0, min(86_400, $0.timeIntervalSince(date)))) }
    }
}
