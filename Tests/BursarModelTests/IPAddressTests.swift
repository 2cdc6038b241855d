import BursarModel
import TestSupport
import Testing

@Suite struct IPAddressTests {
    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"), ("::", "::"),
        ("::1", "::1"), ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"), ("2001:db8:0:1:0:0:0:1", "2001:db8:0:1::1"),
        ("fe80::192.0.2.1", "fe80::c000:201"),
    ])
    func `an address is read, and printed in its shortest form`(_ text: String, _ shortest: String) {
        #expect(IPAddress(text)?.description == shortest)
    }

    @Test(arguments: ["::ffff:192.0.2.1", "::FFFF:c000:0201", "0:0:0:0:0:ffff:192.0.2.1"])
    func `an IPv4 address that came mapped is the IPv4 address`(_ text: String) {
        #expect(IPAddress(text) == IPAddress("192.0.2.1"))
        #expect(IPAddress(text)?.family == .v4)
        #expect(IPAddress(text)?.description == "192.0.2.1")
    }

    @Test(arguments: [
        "", ":", "1", "localhost", "192.0.2", "192.0.2.1.1", "192.0.2.256", "192.0.02.1", "192.0.2.+1", "192.0.2.-1",
        "0x7f.0.0.1", "2130706433", " 192.0.2.1", "192.0.2.1 ", "192.0.2.1\n", "192.0.2.1/32", "192.0.2.1:80",
        "[::1]", "::1%lo", "fe80::1%eth0", "1::2::3", "12345::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "::ffff:192.0.2",
        "::ffff:192.0.02.1", "192.0.2.1\0", "192.0.2.1\0.example.org", "::1\0", "١٩٢.0.2.1",
        String(repeating: "1", count: 100_000),
    ])
    func `anything else is no address`(_ text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test func `random bytes are no address or one that reads back as itself`() {
        var random = SeededGenerator(seed: 5)
        let likely = Array("0123456789abcdefABCDEF:./%[] ,\0x+-".utf8)
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...48, using: &random)).map { _ in
                Int.random(in: 0..<10, using: &random) == 0
                    ? UInt8.random(in: .min ... .max, using: &random)
                    : likely.randomElement(using: &random) ?? 0
            }
            let text = String(decoding: bytes, as: UTF8.self)
            if let address = IPAddress(text) { #expect(IPAddress(address.description) == address) }
            if let block = CIDRBlock(text) { #expect(CIDRBlock(block.description) == block) }
            if let list = try? AddressList(parsing: text) {
                #expect((try? AddressList(parsing: list.description))?.blocks == list.blocks)
            }
        }
    }
}

@Suite struct AddressReachTests {
    @Test(arguments: [
        "0.1.2.3", "10.1.2.3", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.31.255.255", "192.168.1.1",
        "192.0.2.1",
        "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "255.255.255.255", "::", "::1", "::ffff:10.0.0.1",
        "64:ff9b::1", "64:ff9b:1::1", "100::1", "2001:db8::1", "2001:2::1", "3fff::1", "5f00::1", "fc00::1",
        "fd12:3456::1", "fe80::1", "fec0::1", "ff02::1",
    ])
    func `addresses that no caller on the internet has aren't public`(_ text: String) throws {
        #expect(try !#require(IPAddress(text)).isPublic)
    }

    @Test(arguments: [
        "1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.15.255.255", "172.32.0.1", "192.0.1.1",
        "223.255.255.255", "2606:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8",
    ])
    func `addresses of callers on the internet are public`(_ text: String) throws {
        #expect(try #require(IPAddress(text)).isPublic)
    }

    @Test(arguments: ["8.8.8.0/24", "2a00:1450::/32", "198.20.0.0/14"])
    func `a block of public addresses is public`(_ text: String) throws {
        #expect(try #require(CIDRBlock(text)).isPublic)
    }

    @Test(arguments: ["10.0.0.0/8", "8.0.0.0/5", "128.0.0.0/1", "192.168.1.0/24", "0.0.0.0/0", "2000::/3", "::/0"])
    func `a block that holds one address that isn't public isn't either`(_ text: String) throws {
        #expect(try !#require(CIDRBlock(text)).isPublic)
    }

    @Test func `one caller is an IPv4 address or an IPv6 /64, and reports count /24 and /48`() throws {
        let v4 = try #require(IPAddress("192.0.2.77"))
        let v6 = try #require(IPAddress("2001:db8:1:2:3:4:5:6"))
        #expect(v4.clientNetwork.description == "192.0.2.77/32")
        #expect(v6.clientNetwork.description == "2001:db8:1:2::/64")
        #expect(v4.reportedNetwork.description == "192.0.2.0/24")
        #expect(v6.reportedNetwork.description == "2001:db8:1::/48")
    }
}
