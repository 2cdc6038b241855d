import BursarModel
import Synchronization

/// The buckets of all keys and the one of the whole server.
///
/// Only keys that proved right have one, so there are never more than keys.
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

    /// Counts one request; returns the limit when it is one too many.
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
