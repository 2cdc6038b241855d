import Testing

@testable import Vending

@Suite struct BackoffTests {
    private let start = ContinuousClock().now

    /// How long AWS is left alone after `failures` in a row, found by trying.
    private func pause(after failures: Int, spread: Double) -> Int {
        var backoff = Backoff()
        for _ in 0..<failures { backoff.fail(at: start, spread: spread) }
        return (0...20_000).first { backoff.allows(start + .milliseconds($0)) } ?? .max
    }

    @Test func `AWS may be asked at first, and as soon as it has answered`() {
        var backoff = Backoff()
        #expect(backoff.allows(start))
        #expect(!backoff.isAway)
        backoff.fail(at: start, spread: 1)
        #expect(backoff.isAway)
        #expect(!backoff.allows(start))
        backoff.succeed()
        #expect(backoff.allows(start))
        #expect(!backoff.isAway)
    }

    @Test(arguments: [(1, 200), (2, 400), (3, 800), (6, 6400), (7, 12_800), (8, 15_000), (1000, 15_000)])
    func `each failure doubles the pause, up to fifteen seconds`(_ failures: Int, _ milliseconds: Int) {
        #expect(pause(after: failures, spread: 1) == milliseconds)
        #expect(pause(after: failures, spread: 0.5) == milliseconds / 2)
    }

    @Test func `while one asks whether AWS is back, nobody else does, however long that takes`() {
        var backoff = Backoff()
        backoff.probe()
        #expect(backoff.allows(start), "before it was ever away, keys don't wait for each other")
        backoff.fail(at: start, spread: 1)
        let due = start + .milliseconds(200)
        #expect(backoff.allows(due))
        backoff.probe()
        #expect(!backoff.allows(due))
        #expect(!backoff.allows(due + .seconds(10)))
        backoff.fail(at: due + .seconds(10), spread: 1)
        #expect(!backoff.allows(due + .milliseconds(10_399)))
        #expect(backoff.allows(due + .milliseconds(10_400)))
    }
}
