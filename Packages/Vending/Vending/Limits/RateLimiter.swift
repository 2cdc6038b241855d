import BursarModel
import Synchronization

/// The buckets of all keys and the one of the whole server.
///
/// Only keys that proved right have one, so there are never more buckets than keys.
package final class RateLimiter: Sendable {
    private struct State {
        var buckets: [KeyID: TokenBucket] = [:]
        var total: TokenBucket?
    }

    /// Past this many buckets, full ones are dropped.
    private static let tidyAt = 4096

    private let terms: ServerTerms
    private let clock = ContinuousClock()
    private let state: Mutex<State>

    package init(terms: ServerTerms) {
        self.terms = terms
        let now = ContinuousClock().now
        state = Mutex(State(total: terms.totalRate.map { TokenBucket($0, at: now) }))
    }

    /// Counts one request; returns the limit if it is one too many.
    package func take(_ key: KeyRecord) -> VendError.Limit? {
        let now = clock.now
        let rate = key.terms.rate ?? terms.rate
        return state.withLock { state in
            if state.buckets.count >= Self.tidyAt { state.buckets = state.buckets.filter { !$1.isFull(at: now) } }
            var bucket = state.buckets[key.id] ?? TokenBucket(rate, at: now)
            if bucket.rate != rate { bucket = TokenBucket(rate, at: now) }
            defer { state.buckets[key.id] = bucket }
            if let wait = bucket.take(at: now) { return VendError.Limit(count: rate.burst, reset: wait) }
            guard let total = terms.totalRate, let wait = state.total?.take(at: now) else { return nil }
            return VendError.Limit(count: total.burst, reset: wait)
        }
    }
}

/// A rate limit: requests per second in the long run, and `burst` at once.
package struct RequestRate: Sendable, Hashable {
    package static let standard = Self(validated: 10, burst: 20)
    package static let allowed = 1...1_000_000

    package let perSecond: Int
    package let burst: Int

    /// Returns nil outside ``allowed``; the burst is twice the rate unless it is given.
    package init?(perSecond: Int, burst: Int? = nil) {
        guard Self.allowed.contains(perSecond) else { return nil }
        let burst = burst ?? min(perSecond, Self.allowed.upperBound / 2) * 2
        guard Self.allowed.contains(burst) else { return nil }
        self.init(validated: perSecond, burst: burst)
    }

    private init(validated perSecond: Int, burst: Int) {
        self.perSecond = perSecond
        self.burst = burst
    }
}

/// A token bucket: full at first, refilled steadily, one token per request.
///
/// It reads a clock that never steps, so a change of the wall clock neither fills nor empties it.
struct TokenBucket: Sendable {
    let rate: RequestRate
    private var tokens: Double
    private var refilled: ContinuousClock.Instant

    init(_ rate: RequestRate, at now: ContinuousClock.Instant) {
        self.rate = rate
        tokens = Double(rate.burst)
        refilled = now
    }

    /// Takes a token, or returns the time until there is one.
    mutating func take(at now: ContinuousClock.Instant) -> Duration? {
        refill(at: now)
        guard tokens >= 1 else { return .seconds((1 - tokens) / Double(rate.perSecond)) }
        tokens -= 1
        return nil
    }

    /// True if the bucket is the same as a new one.
    func isFull(at now: ContinuousClock.Instant) -> Bool {
        tokens + (now - refilled) / .seconds(1) * Double(rate.perSecond) >= Double(rate.burst)
    }

    private mutating func refill(at now: ContinuousClock.Instant) {
        let gained = (now - refilled) / .seconds(1) * Double(rate.perSecond)
        tokens = min(tokens + gained, Double(rate.burst))
        refilled = now
    }
}
