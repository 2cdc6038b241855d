import BursarCore
import Testing

@testable import Vending

@Suite struct FailedAttemptsTests {
    private let attempts = FailedAttempts()
    private let here = IPAddress.address("192.0.2.1").neighbourhood

    private func fail(_ times: Int) {
        for _ in 0..<times { attempts.fail(here) }
    }

    @Test func `three wrong secrets cost nothing`() {
        #expect(attempts.delay(for: here) == .zero)
        fail(3)
        #expect(attempts.delay(for: here) == .zero)
    }

    @Test(arguments: [(4, 100), (5, 200), (6, 400), (7, 800), (8, 1000), (9, 1000), (1000, 1000)])
    func `then each costs more, up to a second`(_ times: Int, _ milliseconds: Int) {
        fail(times)
        #expect(attempts.delay(for: here) == .milliseconds(milliseconds))
    }

    @Test(arguments: ["192.0.2.2", "2001:db8:1:2::1"])
    func `another neighbourhood isn't slowed`(_ other: String) {
        fail(100)
        #expect(attempts.delay(for: IPAddress.address(other).neighbourhood) == .zero)
    }

    @Test func `an IPv6 /64 is one neighbourhood, the next is another`() {
        for number in 1...9 { attempts.fail(IPAddress.address("2001:db8:1:2::\(number)").neighbourhood) }
        #expect(attempts.delay(for: IPAddress.address("2001:db8:1:2:ffff::").neighbourhood) == .seconds(1))
        #expect(attempts.delay(for: IPAddress.address("2001:db8:1:3::1").neighbourhood) == .zero)
    }

    @Test func `a hundred thousand addresses push out the oldest, and the latest is still slowed`() {
        fail(4)
        for number in 0..<100_000 {
            let address = IPAddress.address("10.\(number >> 16).\(number >> 8 & 255).\(number & 255)")
            attempts.fail(address.neighbourhood)
        }
        #expect(attempts.delay(for: here) == .zero)
        fail(4)
        #expect(attempts.delay(for: here) == .milliseconds(100))
    }
}
