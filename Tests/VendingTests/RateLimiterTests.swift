import BursarFoundation
import BursarModel
import Testing
import Vending

/// Buckets read the machine's clock, so each is asked more often than it could be refilled on the slowest machine.
@Suite struct RateLimiterTests {
    private let end = Date(timeIntervalSince1970: 2_000_000_000)
    private let asked = 500

    private func key(_ rate: RequestRate? = nil) throws -> KeyRecord {
        try IssuedKey().record(version: 1, expires: end, terms: KeyRestrictions(rate: rate))
    }

    private func limits(_ limiter: RateLimiter, _ key: KeyRecord) -> [VendError.Limit] {
        (0..<asked).compactMap { _ in limiter.take(key) }
    }

    @Test func `a key has the server's burst, then waits, and learns for what and how long`() throws {
        let rate = try #require(RequestRate(perSecond: 1, burst: 7))
        let limits = limits(RateLimiter(terms: ServerTerms(rate: rate)), try key())
        #expect((asked - 60...asked - 7).contains(limits.count))
        #expect(limits.allSatisfy { $0.count == 7 && $0.reset > .zero && $0.reset <= .seconds(1) })
    }

    @Test func `the default is ten a second and twenty at once`() {
        #expect(ServerTerms().rate == RequestRate(perSecond: 10, burst: 20))
        #expect(ServerTerms().totalRate == nil)
        #expect(ServerTerms().dailyLimit == 10_000)
    }

    @Test func `one key's requests cost another nothing`() throws {
        let limiter = RateLimiter(terms: ServerTerms(rate: try #require(RequestRate(perSecond: 1, burst: 3))))
        #expect(!limits(limiter, try key()).isEmpty)
        #expect(limiter.take(try key()) == nil)
    }

    @Test func `a key's own rate stands for the server's, whether it is more or less`() throws {
        let limiter = RateLimiter(terms: ServerTerms(rate: try #require(RequestRate(perSecond: 1, burst: 3))))
        #expect(limits(limiter, try key(RequestRate(perSecond: 1_000_000))).isEmpty)
        #expect(limits(limiter, try key(RequestRate(perSecond: 1, burst: 1))).first?.count == 1)
    }

    @Test func `a changed rate holds from the next request on`() throws {
        let issued = try IssuedKey()
        let limiter = RateLimiter(terms: ServerTerms())
        let slow = KeyRestrictions(rate: RequestRate(perSecond: 1, burst: 1))
        let fast = KeyRestrictions(rate: RequestRate(perSecond: 1_000_000))
        #expect(!limits(limiter, try issued.record(version: 1, expires: end, terms: slow)).isEmpty)
        #expect(limits(limiter, try issued.record(version: 2, expires: end, terms: fast)).isEmpty)
        #expect(!limits(limiter, try issued.record(version: 3, expires: end, terms: slow)).isEmpty)
    }

    @Test func `the server's own rate holds for all keys together`() throws {
        let total = try #require(RequestRate(perSecond: 1, burst: 5))
        let limiter = RateLimiter(terms: ServerTerms(totalRate: total))
        let keys = try (0..<asked).map { _ in try key() }
        let limits = keys.compactMap { limiter.take($0) }
        #expect((asked - 60...asked - 5).contains(limits.count))
        #expect(limits.allSatisfy { $0.count == 5 })
    }
}
