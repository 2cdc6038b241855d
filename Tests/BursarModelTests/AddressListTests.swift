import BursarModel
import Testing

@Suite struct AddressListTests {
    private func fault(_ text: String) -> AddressList.ParseError? {
        do throws(AddressList.ParseError) {
            _ = try AddressList(parsing: text)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        ("156.68.128.0/22,10.0.0.0/8", "156.68.128.0/22,10.0.0.0/8"),
        (" 156.68.128.0/22 ,\t10.0.0.0/8\n", "156.68.128.0/22,10.0.0.0/8"),
        (#"["156.68.128.0/22", "10.0.0.0/8"]"#, "156.68.128.0/22,10.0.0.0/8"),
        ("[2001:db8::1]", "2001:db8::1/128"), ("[2001:db8::]/32,10.0.0.0/8", "2001:db8::/32,10.0.0.0/8"),
        ("10.0.0.0/8, [2001:db8::/32]", "10.0.0.0/8,2001:db8::/32"), (#"["[::1]"]"#, "::1/128"),
        (" [ \"2001:db8::/32\" ] ", "2001:db8::/32"), ("192.0.2.7", "192.0.2.7/32"),
    ])
    func `a comma list and a JSON list are read`(_ text: String, _ list: String) throws {
        #expect(try AddressList(parsing: text).description == list)
    }

    @Test(arguments: ["10.0.0.1/8,192.0.2.0/24,2001:db8::5/32", #"["10.0.0.1/8","192.0.2.0/24","2001:db8::5/32"]"#])
    func `entries with host bits are taken as their block, and named`(_ text: String) throws {
        let list = try AddressList(parsing: text)
        #expect(list.description == "10.0.0.0/8,192.0.2.0/24,2001:db8::/32")
        #expect(list.normalised == ["10.0.0.1/8", "2001:db8::5/32"])
    }

    @Test(arguments: ["192.0.2.0/24,::ffff:10.0.0.0/104", "192.0.2.7,2001:db8::1", "::ffff:192.0.2.7/128", "0.0.0.0/0"])
    func `entries without host bits are nothing to warn about`(_ text: String) throws {
        #expect(try AddressList(parsing: text).normalised.isEmpty)
    }

    @Test(arguments: ["", "  ", "\n", "[]", " [ ] "])
    func `an empty list is refused, since it could mean everybody or nobody`(_ text: String) {
        #expect(fault(text) == .empty)
    }

    @Test(arguments: [
        ("10.0.0.0/8,example.org,192.0.2.0/33", "example.org"), ("10.0.0.0/8,192.0.2.0/33", "192.0.2.0/33"),
        ("[10.0.0.1]", "[10.0.0.1]"), ("[::1/1]28", "[::1/1]28"), ("[::1", "[::1"), ("[[::1]]", "[[::1]]"),
        ("[::1]x", "[::1]x"), ("[::1]:8080", "[::1]:8080"), ("[us-east-1]", "[us-east-1]"),
        (#"["10.0.0.0/8", "fe80::1%eth0"]"#, "fe80::1%eth0"), ("10.0.0.0/8,", ""), (",", ""),
        ("10.0.0.0/8 192.0.2.0/24", "10.0.0.0/8 192.0.2.0/24"), (#"["10.0.0.0/8",5]"#, #"["10.0.0.0/8",5]"#),
        (#"["10.0.0.0/8""#, #"["10.0.0.0/8""#), (#"["10.0.0.0\u0000/8"]"#, "10.0.0.0\0/8"),
    ])
    func `the entry that is no block is named`(_ text: String, _ entry: String) {
        #expect(fault(text) == .malformed(entry: entry))
    }

    @Test func `a list is as long as one request may be compared with, and no longer`() throws {
        let longest = Array(repeating: "10.0.0.0/8", count: AddressList.longest)
        #expect(try AddressList(entries: longest).blocks.count == AddressList.longest)
        #expect(fault((longest + ["10.0.0.0/8"]).joined(separator: ",")) == .tooLong)
    }

    @Test func `a list holds what any of its blocks holds`() throws {
        let list = try AddressList(parsing: "10.0.0.0/8,2001:db8::/32")
        #expect(list.contains(try #require(IPAddress("10.1.2.3"))))
        #expect(list.contains(try #require(IPAddress("::ffff:10.1.2.3"))))
        #expect(list.contains(try #require(IPAddress("2001:db8::1"))))
        #expect(!list.contains(try #require(IPAddress("11.0.0.1"))))
        #expect(!list.contains(try #require(IPAddress("2001:db9::1"))))
    }

    @Test(arguments: ["0.0.0.0", "255.255.255.255", "::1", "2001:db8::1", "::ffff:192.0.2.1"])
    func `everywhere leaves out nobody, of either family`(_ address: String) throws {
        #expect(AddressList.everywhere.contains(try #require(IPAddress(address))))
    }

    @Test func `a list that excludes nobody of one family says so`() throws {
        #expect(try AddressList(parsing: "10.0.0.0/8,::/0").includesEverybody)
        #expect(try AddressList(parsing: "10.9.9.9/0").includesEverybody)
        #expect(try !AddressList(parsing: "0.0.0.0/1,128.0.0.0/2").includesEverybody)
    }
}
