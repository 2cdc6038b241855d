/// When AWS may be asked again after it was away: 200 ms later at first, twice as long each time, up to 15 s.
struct Backoff: Sendable {
    private static let first = Duration.milliseconds(200)
    private static let doublings = 7
    private static let longest = Duration.seconds(15)

    private var failures = 0
    private var next: ContinuousClock.Instant?

    /// Whether the last answer was a failure to answer.
    var isAway: Bool { failures > 0 }

    func allows(_ now: ContinuousClock.Instant) -> Bool {
        next.map { now >= $0 } ?? true
    }

    /// `spread`, 0.5 to 1, keeps servers that failed together from coming back together.
    mutating func fail(at now: ContinuousClock.Instant, spread: Double) {
        let pause = min(Self.first * (1 << min(failures, Self.doublings)), Self.longest)
        failures += 1
        next = now + pause * spread
    }

    /// While one asks whether AWS is back, others wait for what it finds.
    mutating func probe(at now: ContinuousClock.Instant) {
        guard isAway else { return }
        next = now + Self.first
    }

    mutating func succeed() {
        self = Backoff()
    }
}
