import Testing

@testable import Vending

@Suite struct TokenBucketTests {
    private let start = ContinuousClock().now
    private let rate: RequestRate

    init() throws {
        rate = try #require(RequestRate(perSecond: 10, burst: 20))
    }

    @Test func `the burst is there at once, and not one more`() {
        var bucket = TokenBucket(rate, at: start)
        for _ in 0..<20 { #expect(bucket.take(at: start) == nil) }
        let wait = bucket.take(at: start)
        #expect(wait == .milliseconds(100))
    }

    @Test func `tokens come back steadily, and a refused request costs none`() {
        var bucket = TokenBucket(rate, at: start)
        for _ in 0..<20 { _ = bucket.take(at: start) }
        for _ in 0..<100 { #expect(bucket.take(at: start + .milliseconds(50)) != nil) }
        #expect(bucket.take(at: start + .milliseconds(101)) == nil)
        #expect(bucket.take(at: start + .milliseconds(102)) != nil)
    }

    @Test func `in the long run there are as many as the rate says`() {
        var bucket = TokenBucket(rate, at: start)
        let taken = (0..<60_000).count { bucket.take(at: start + .milliseconds($0)) == nil }
        #expect((619...621).contains(taken))
    }

    @Test func `after a long rest there is the burst, and not more`() {
        var bucket = TokenBucket(rate, at: start)
        for _ in 0..<20 { _ = bucket.take(at: start) }
        #expect(!bucket.isFull(at: start + .milliseconds(1999)))
        #expect(bucket.isFull(at: start + .milliseconds(2001)))
        let later = start + .seconds(1_000_000)
        for _ in 0..<20 { #expect(bucket.take(at: later) == nil) }
        #expect(bucket.take(at: later) != nil)
    }

    @Test func `requests that read the clock in another order than they are counted gain nothing`() {
        var bucket = TokenBucket(rate, at: start)
        var taken = 0
        for step in 0..<1000 {
            let time = start + .milliseconds(step.isMultiple(of: 2) ? step : step - 1)
            if bucket.take(at: time) == nil { taken += 1 }
        }
        #expect(taken <= 30)
    }

    @Test(arguments: [(0, 1), (-1, 1), (1, 0), (1_000_001, 1), (1, 1_000_001)])
    func `a rate that makes no sense is none`(_ perSecond: Int, _ burst: Int) {
        #expect(RequestRate(perSecond: perSecond, burst: burst) == nil)
    }

    @Test(arguments: [(10, 20), (1, 2), (500_000, 1_000_000), (1_000_000, 1_000_000)])
    func `the burst is twice the rate unless it is given`(_ perSecond: Int, _ burst: Int) {
        #expect(RequestRate(perSecond: perSecond)?.burst == burst)
    }
}
