/// A token bucket: full at first, refilled steadily, one token a request.
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

    /// Takes a token; else returns how long until there is one.
    mutating func take(at now: ContinuousClock.Instant) -> Duration? {
        refill(at: now)
        guard tokens >= 1 else { return .seconds((1 - tokens) / Double(rate.perSecond)) }
        tokens -= 1
        return nil
    }

    /// Whether nothing was taken for so long that a new one would be the same.
    func isFull(at now: ContinuousClock.Instant) -> Bool {
        tokens + (now - refilled) / .seconds(1) * Double(rate.perSecond) >= Double(rate.burst)
    }

    private mutating func refill(at now: ContinuousClock.Instant) {
        let gained = (now - refilled) / .seconds(1) * Double(rate.perSecond)
        tokens = min(tokens + gained, Double(rate.burst))
        refilled = now
    }
}
