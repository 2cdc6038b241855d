/// How often something may be asked for: so many a second in the long run, and `burst` at once.
package struct RequestRate: Sendable, Hashable {
    package static let standard = Self(validated: 10, burst: 20)
    package static let allowed = 1...1_000_000

    package let perSecond: Int
    package let burst: Int

    /// nil outside ``allowed``; the burst is twice the rate when it isn't given.
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
