import BursarModel
import Testing

@Suite struct CIDRBlockTests {
    @Test(arguments: [
        ("192.0.2.0/24", "192.0.2.0/24"), ("192.0.2.7", "192.0.2.7/32"), ("192.0.2.7/32", "192.0.2.7/32"),
        ("0.0.0.0/0", "0.0.0.0/0"), ("::/0", "::/0"), ("2001:db8::1", "2001:db8::1/128"),
        ("2001:DB8::/32", "2001:db8::/32"),
    ])
    func `a block is read, and an address is a block of one`(_ text: String, _ block: String) {
        #expect(CIDRBlock(text)?.description == block)
    }

    @Test(arguments: [
        ("10.0.0.1/8", "10.0.0.0/8"), ("192.0.2.255/31", "192.0.2.254/31"), ("255.255.255.255/0", "0.0.0.0/0"),
        ("2001:db8:ffff:ffff::1/33", "2001:db8:8000::/33"), ("ffff::1/0", "::/0"),
    ])
    func `bits behind the prefix are dropped`(_ text: String, _ block: String) {
        #expect(CIDRBlock(text)?.description == block)
    }

    @Test(arguments: [
        ("::ffff:10.0.0.0/104", "10.0.0.0/8"), ("::ffff:10.1.2.3/104", "10.0.0.0/8"),
        ("::ffff:0.0.0.0/96", "0.0.0.0/0"), ("::ffff:192.0.2.1/128", "192.0.2.1/32"),
        ("::ffff:192.0.2.1", "192.0.2.1/32"), ("::FFFF:a00:0/104", "10.0.0.0/8"),
    ])
    func `a block of mapped addresses is the IPv4 block`(_ text: String, _ block: String) {
        #expect(CIDRBlock(text)?.description == block)
    }

    @Test(arguments: [
        "", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/08", "10.0.0.0/00",
        "10.0.0.0/8/8", "10.0.0.0/ 8", "10.0.0.0 /8", "10.0.0.0/8 ", "10.0.0.0/255.0.0.0", "10.0.0/8", "10/8",
        "010.0.0.0/8", "::/129", "::1/1280", "::/99999999999999999999", "fe80::%eth0/64", "fe80::/64%eth0",
        "::ffff:10.0.0.0/95", "::ffff:10.0.0.0/8", "example.org/8", "10.0.0.0/٨", "10.0.0.0/8\0", "10.0.0.0\0/8", "*",
    ])
    func `anything else is no block`(_ text: String) {
        #expect(CIDRBlock(text) == nil)
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.255.255.255", true), ("10.0.0.0/8", "11.0.0.0", false),
        ("10.0.0.0/8", "9.255.255.255", false),
        ("192.0.2.1/32", "192.0.2.1", true), ("192.0.2.1/32", "192.0.2.0", false),
        ("0.0.0.0/0", "203.0.113.9", true), ("0.0.0.0/0", "2001:db8::1", false), ("::/0", "2001:db8::1", true),
        ("::/0", "203.0.113.9", false), ("0.0.0.0/0", "::ffff:203.0.113.9", true), ("::/96", "0.0.0.1", false),
        ("2001:db8::/64", "2001:db8::ffff:ffff:ffff:ffff", true), ("2001:db8::/64", "2001:db8:0:1::", false),
        ("2001:db8::/127", "2001:db8::1", true), ("2001:db8::/127", "2001:db8::2", false),
    ])
    func `a block holds the addresses that share its first bits`(_ block: String, _ address: String, _ holds: Bool)
        throws
    {
        let address = try #require(IPAddress(address))
        #expect(CIDRBlock(block)?.contains(address) == holds)
    }
}
