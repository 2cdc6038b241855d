import BursarModel
import Testing

/// What is malformed is told from what is out of range.
@Suite struct PastedKeyErrorTests {
    @Test(arguments: [
        ("10.0.0.0/33", "ends in /33, and a block of IPv4 addresses has /0 to /32"),
        ("2001:db8::/129", "ends in /129, and a block of IPv6 addresses has /0 to /128"),
        ("::ffff:10.0.0.0/90", "ends in /90, and a block of IPv4 addresses mapped into IPv6 has /96 to /128"),
        ("192.0.2.300", "has 300 in it, and numbers in an IPv4 address go up to 255"),
        ("256.0.0.0/8", "has 256 in it, and numbers in an IPv4 address go up to 255"),
        ("192.0.2.99999999999999999999", "has 999999999 in it, and numbers in an IPv4 address go up to 255"),
        ("010.0.0.1", "has 010 in it, which some programs read as octal: write it without the 0 in front"),
        ("example.org", "is not an address block"), ("10.0.0/8", "is not an address block"),
        ("10.0.0.0/", "is not an address block"), ("10.0.0.0/-1", "is not an address block"),
        ("1.2.3.4.5", "is not an address block"), ("", "is not an address block"), ("x/33", "is not an address block"),
    ])
    func `an address`(_ entry: String, _ flaw: String) {
        #expect(CIDRBlock(entry) == nil)
        #expect(AddressList.flaw(of: entry) == flaw)
    }

    @Test(arguments: [
        ("2026-02-30", "is not a day that there is"), ("2026-13-01", "is not a day that there is"),
        ("2026-00-10", "is not a day that there is"), ("2025-02-29", "is not a day that there is"),
        ("30.11.2026", "is not written as a day is"), ("2026-2-3", "is not written as a day is"),
        ("tomorrow", "is not written as a day is"), ("2026/11/30", "is not written as a day is"),
        ("20261130", "is not written as a day is"), ("", "is not written as a day is"),
        ("２０２６-11-30", "is not written as a day is"),
    ])
    func `a day`(_ text: String, _ flaw: String) {
        #expect(UTCDay(text) == nil)
        #expect(UTCDay.flaw(of: text) == flaw)
    }

    @Test(arguments: [
        ("40000d", "is longer than a hundred years"), ("9999999999", "is longer than a hundred years"),
        ("99999999999999999999d", "is longer than a hundred years"), ("36600d1s", "is longer than a hundred years"),
        ("1 hour", "is not a length of time"), ("h", "is not a length of time"), ("1h1d", "is not a length of time"),
        ("1w", "is not a length of time"), ("-1h", "is not a length of time"), ("", "is not a length of time"),
        ("1.5h", "is not a length of time"), ("1h30", "is not a length of time"), ("1d1d", "is not a length of time"),
    ])
    func `a length of time`(_ text: String, _ flaw: String) {
        #expect(TimeSpan(text) == nil)
        #expect(TimeSpan.flaw(of: text) == flaw)
    }
}
