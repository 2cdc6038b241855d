/// When AWS may be asked again after it was away: 200 ms later at first, twice as long each time, up to 15 s.
struct Backoff: Sendable {
    private static let first = Duration.milliseconds(200)
    private static let doublings = 7
    private static let longest = Duration.seconds(15)

    private var failures = 0
    private var next: ContinuousClock.Instant?
    private var isProbing = false

    /// Whether the last answer was a failure to answer.
    var isAway: Bool { failures > 0 }

    func allows(_ now: ContinuousClock.Instant) -> Bool {
        !isProbing && next.map { now >= $0 } ?? true
    }

    /// `spread`, 0.5 to 1, keeps servers that failed together from coming back together.
    mutating func fail(at now: ContinuousClock.Instant, spread: Double) {
        let pause = min(Self.first * (1 << min(failures, Self.doublings)), Self.longest)
        failures += 1
        next = now + pause * spread
        isProbing = false
    }

    /// Somebody asks now; when AWS was away, nobody else does until it is known whether it is back.
    ///
    /// Who asks always hears something, if only of a timeout.
    mutating func probe() {
        isProbing = isAway
    }

    mutating func succeed() {
        self = Backoff()
    }
}
