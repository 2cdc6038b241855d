import BursarModel
import TestSupport
import Testing
import Vending

@Suite struct ClientAddressRuleTests {
    private let proxy = IPAddress.address("10.0.0.1")
    private let client = IPAddress.address("203.0.113.7")
    private let rule: ClientAddressRule

    init() throws {
        rule = ClientAddressRule(trusted: try AddressList(parsing: "10.0.0.0/8,2001:db8:ffff::/48"))
    }

    private func isNone(_ outcome: ClientAddressRule.Outcome) -> Bool {
        if case .none = outcome { true } else { false }
    }

    @Test func `without trusted proxies the peer is the client, whatever it says`() {
        let rule = ClientAddressRule()
        #expect(rule.resolve(peer: client, lines: []) == .address(client))
        #expect(rule.resolve(peer: client, lines: ["192.0.2.1"]) == .untrustedHeader(client))
    }

    @Test(arguments: ["10.0.0.1", "192.0.2.1, 10.0.0.1", "garbage", ""])
    func `a header from a peer that is no trusted proxy is ignored, and said to be`(_ line: String) {
        #expect(rule.resolve(peer: client, lines: [line]) == .untrustedHeader(client))
        #expect(rule.resolve(peer: client, lines: []) == .address(client))
    }

    @Test func `no peer is nobody, with a header or without`() {
        #expect(isNone(rule.resolve(peer: nil, lines: [])))
        #expect(isNone(rule.resolve(peer: nil, lines: ["203.0.113.7"])))
        #expect(isNone(ClientAddressRule().resolve(peer: nil, lines: [])))
    }

    @Test(arguments: [
        ["203.0.113.7"], ["203.0.113.7, 10.2.3.4"], ["203.0.113.7,10.2.3.4 ,\t10.0.0.1"], ["203.0.113.7", "10.2.3.4"],
        ["203.0.113.7, 10.2.3.4", "10.0.0.9, 2001:db8:ffff::1"],
    ])
    func `behind trusted proxies the client is the right-most hop that isn't one`(_ lines: [String]) {
        #expect(rule.resolve(peer: proxy, lines: lines) == .address(client))
    }

    @Test(arguments: [
        ["192.0.2.1, 203.0.113.7"], ["10.0.0.2, 203.0.113.7, 10.0.0.1"], ["192.0.2.1", "203.0.113.7"],
        ["unknown, garbage, 203.0.113.7"], ["192.0.2.1,,203.0.113.7"], ["203.0.113.8, 203.0.113.7", "10.0.0.3"],
    ])
    func `what stands further left is the client's own word, and ignored`(_ lines: [String]) {
        #expect(rule.resolve(peer: proxy, lines: lines) == .address(client))
    }

    @Test func `lines are joined in the order they came`() {
        #expect(rule.resolve(peer: proxy, lines: ["203.0.113.7", "192.0.2.1"]) == .address(.address("192.0.2.1")))
        #expect(rule.resolve(peer: proxy, lines: ["192.0.2.1", "203.0.113.7"]) == .address(client))
    }

    @Test(arguments: [
        ("203.0.113.7:443", "203.0.113.7"), ("[2001:db8::7]", "2001:db8::7"), ("[2001:db8::7]:65535", "2001:db8::7"),
        ("2001:db8::7", "2001:db8::7"), ("::ffff:203.0.113.7", "203.0.113.7"),
        ("[::ffff:203.0.113.7]:1", "203.0.113.7"),
    ])
    func `a hop may have a port, and brackets around IPv6`(_ hop: String, _ address: String) {
        #expect(rule.resolve(peer: proxy, lines: [hop]) == .address(.address(address)))
        #expect(rule.resolve(peer: proxy, lines: ["\(hop), 10.0.0.1:8080"]) == .address(.address(address)))
    }

    @Test func `a mapped peer and a mapped hop are the proxies that they are`() {
        #expect(rule.resolve(peer: .address("::ffff:10.0.0.1"), lines: ["203.0.113.7"]) == .address(client))
        #expect(rule.resolve(peer: proxy, lines: ["203.0.113.7, ::ffff:10.9.9.9"]) == .address(client))
    }

    @Test(arguments: [
        "", " ", ",", "203.0.113.7,", "unknown", "_hidden", "203.0.113", "203.0.113.7:", "203.0.113.7:http",
        "203.0.113.7:65536", "203.0.113.7:+80", "203.0.113.7:-0", "203.0.113.7:80:80", "[2001:db8::7", "2001:db8::7]",
        "[2001:db8::7]x", "[2001:db8::7]:", "[]", "[]:80", "fe80::1%eth0", "[fe80::1%25eth0]:80",
        "203.0.113.7 10.0.0.1",
        "203.0.113.7;10.0.0.1", "for=203.0.113.7", "203.0.113.7/32", "203.0.113.7\0", "\u{FEFF}203.0.113.7",
    ])
    func `a right-most hop that is no address is nobody, never the one beside it`(_ hop: String) {
        #expect(isNone(rule.resolve(peer: proxy, lines: ["192.0.2.1, " + hop])))
        #expect(isNone(rule.resolve(peer: proxy, lines: ["192.0.2.1", hop, "10.0.0.1"])))
    }

    @Test(arguments: [[], ["10.0.0.1"], ["10.1.1.1, 10.2.2.2", "2001:db8:ffff::9"]])
    func `a header that names nobody but proxies is nobody`(_ lines: [String]) {
        #expect(isNone(rule.resolve(peer: proxy, lines: lines)))
    }

    @Test func `whatever the client sends, the hop that the proxy appends is the client`() {
        var random = SeededGenerator(seed: 11)
        let pieces = [
            ",", " ", "10.0.0.1", "192.0.2.1", "[", "]", ":", "::1", "\0", "é", "unknown", "%", "\t", "for=", "\"", "1",
            "[2001:db8::1]:443", "\r", "4294967296",
        ]
        for _ in 0..<5000 {
            let lines = (0..<Int.random(in: 0...3, using: &random)).map { _ in
                (0..<Int.random(in: 0...12, using: &random))
                    .compactMap { _ in pieces.randomElement(using: &random) }.joined()
            }
            // The proxy appends to the last line, or adds a line of its own.
            let joined = lines.dropLast() + [(lines.last.map { $0 + ", " } ?? "") + "203.0.113.7"]
            #expect(rule.resolve(peer: proxy, lines: Array(joined)) == .address(client))
            #expect(rule.resolve(peer: proxy, lines: lines + ["203.0.113.7"]) == .address(client))
            if case .untrustedHeader = rule.resolve(peer: proxy, lines: lines) { Issue.record("the proxy is trusted") }
        }
    }
}
