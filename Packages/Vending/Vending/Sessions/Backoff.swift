/// When AWS may be asked again after it was away: 200 ms later at first, twice as long each time, up to 15 s.
///
/// What fails together counts once: twenty keys that ask in the same moment are one try, not twenty.
struct Backoff: Sendable {
    /// The requests that began between one failure and the next.
    struct Round: Equatable, Sendable {
        fileprivate let number: Int
    }

    private static let first = Duration.milliseconds(200)
    private static let doublings = 7
    private static let longest = Duration.seconds(15)
    /// Longer than a request to AWS is waited for.
    private static let probing = Duration.seconds(5)

    private var failures = 0
    private var next: ContinuousClock.Instant?

    /// Whether the last answer was a failure to answer.
    var isUnreachable: Bool { failures > 0 }

    func allows(_ now: ContinuousClock.Instant) -> Bool {
        next.map { now >= $0 } ?? true
    }

    /// A request begins; while it asks whether AWS is back, others wait for what it finds.
    mutating func begin(at now: ContinuousClock.Instant) -> Round {
        if isUnreachable { next = now + Self.probing }
        return Round(number: failures)
    }

    /// `spread`, 0.5 to 1, keeps servers that failed together from coming back together.
    mutating func fail(_ round: Round, at now: ContinuousClock.Instant, spread: Double) {
        guard round == Round(number: failures) else { return }
        let pause = min(Self.first * (1 << min(failures, Self.doublings)), Self.longest)
        failures += 1
        next = now + pause * spread
    }

    mutating func succeed() {
        self = Backoff()
    }
}
