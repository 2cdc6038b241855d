import Testing

@testable import Vending

@Suite struct BackoffTests {
    private let start = ContinuousClock().now
    private var backoff = Backoff()

    /// When AWS may be asked again, to the millisecond.
    private func pause(after now: ContinuousClock.Instant) -> Int {
        (0..<20_000).first { backoff.allows(now + .milliseconds($0)) } ?? -1
    }

    @Test mutating func `each failure doubles the pause, up to a bound, and a success ends it`() {
        var pauses: [Int] = []
        for _ in 1...9 {
            let round = backoff.begin(at: start)
            backoff.fail(round, at: start, spread: 1)
            pauses.append(pause(after: start))
        }
        #expect(pauses == [200, 400, 800, 1600, 3200, 6400, 12_800, 15_000, 15_000])
        backoff.succeed()
        #expect(!backoff.isUnreachable)
        #expect(pause(after: start) == 0)
    }

    @Test mutating func `requests that fail together are one failure`() {
        let rounds = (1...20).map { _ in backoff.begin(at: start) }
        for round in rounds { backoff.fail(round, at: start, spread: 1) }
        #expect(pause(after: start) == 200)
    }

    @Test mutating func `one asks whether AWS is back, and the others wait for it`() {
        let first = backoff.begin(at: start)
        backoff.fail(first, at: start, spread: 1)
        let later = start + .milliseconds(200)
        let probe = backoff.begin(at: later)
        #expect(!backoff.allows(later + .seconds(4)))
        // A straggler of the first round says nothing new.
        backoff.fail(first, at: later + .seconds(1), spread: 1)
        #expect(!backoff.allows(later + .seconds(4)))
        backoff.fail(probe, at: later + .seconds(3), spread: 1)
        #expect(pause(after: later + .seconds(3)) == 400)
    }
}
