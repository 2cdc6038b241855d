import BursarModel
import Testing

@testable import Vending

@Suite struct FailedAttemptsTests {
    private let attempts = FailedAttempts()
    private let here = IPAddress.address("192.0.2.1").clientNetwork

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
    func `another clientNetwork isn't slowed`(_ other: String) {
        fail(100)
        #expect(attempts.delay(for: IPAddress.address(other).clientNetwork) == .zero)
    }

    @Test func `an IPv6 /64 is one clientNetwork, the next is another`() {
        for number in 1...9 { attempts.fail(IPAddress.address("2001:db8:1:2::\(number)").clientNetwork) }
        #expect(attempts.delay(for: IPAddress.address("2001:db8:1:2:ffff::").clientNetwork) == .seconds(1))
        #expect(attempts.delay(for: IPAddress.address("2001:db8:1:3::1").clientNetwork) == .zero)
    }

    @Test func `a hundred thousand addresses push out the oldest, and the latest is still slowed`() {
        fail(4)
        for number in 0..<100_000 {
            let address = IPAddress.address("10.\(number >> 16).\(number >> 8 & 255).\(number & 255)")
            attempts.fail(address.clientNetwork)
        }
        #expect(attempts.delay(for: here) == .zero)
        fail(4)
        #expect(attempts.delay(for: here) == .milliseconds(100))
    }
}
