import BursarHTTP
import TestSupport
import Testing

/// The proxy that the environment names for a host: the messages and libcurl's behaviour agree.
struct ProxySettingsTests {
    @Test(arguments: [
        ("http://proxy:3128", "http://proxy:3128"), ("http://ada:hunter2@proxy:3128/", "…@proxy:3128"),
        ("ada:hunter2@proxy", "…@proxy"), ("http://ada:hun%2Fter%402@proxy:1", "…@proxy:1"),
        ("socks5h://[::1]:1080", "socks5h://[::1]:1080"), ("http://proxy/hunter2?hunter2", "http://proxy"),
    ])
    func `a proxy is shown without its user and password`(value: String, shown: String) throws {
        let proxy = try #require(ProxySettings(["HTTPS_PROXY": value]))
        #expect(proxy.shown == shown)
        #expect(!proxy.isMalformed)
    }

    @Test(arguments: [
        (["https_proxy": "http://a:1", "HTTPS_PROXY": "http://b:1"], "https_proxy"),
        (["https_proxy": "", "HTTPS_PROXY": "http://b:1"], "HTTPS_PROXY"),
        (["http_proxy": "http://a:1", "ALL_PROXY": "http://b:1"], "ALL_PROXY"), (["http_proxy": "http://a:1"], nil),
    ])
    func `the first variable that is set counts`(environment: [String: String], variable: String?) {
        #expect(ProxySettings(environment)?.variable == variable)
    }

    static let exceptions: [(host: String, exceptions: String, isUsed: Bool)] = [
        ("bursar.example.org", "", true), ("bursar.example.org", "example.org", false),
        ("bursar.example.org", ".example.org, other", false), ("bursar.example.org", "*", false),
        ("bursar.example.org", "*,other", true), ("bursar.example.org", "*.example.org", true),
        ("bursar.example.org", "other\texample.org.", false), ("bursar.example.org", "EXAMPLE.ORG", false),
        ("bursar.example.org", "bursar.example.org:443", true), ("notexample.org", "example.org", true),
        ("example.org", ".example.org", false), ("example.org", "bursar.example.org", true),
        ("10.1.2.3", "10.0.0.0/8", false), ("10.1.2.3", "11.0.0.0/8", true), ("10.1.2.3", "10.1.2.3", false),
        ("10.1.2.3", "10.1.2.3/32", false), ("10.1.2.3", "2.3", true), ("10.1.2.3", "10.1.2.3/0", false),
        ("10.1.2.3", "0.0.0.0/0", true), ("10.1.2.3", "10.0.0.0/33", true), ("10.1.2.3", "10.0.0.0/x", true),
        ("192.168.7.9", "localhost,192.168.0.0/16", false), ("fd00::1", "fd00::/8", false),
        ("fd00::1", "fe00::/8", true), ("::1", "::1", false), ("::1", "[::1]", true), ("::1", "127.0.0.1", true),
    ]

    @Test(arguments: exceptions)
    func `exceptions are read as libcurl reads them`(host: String, exceptions: String, isUsed: Bool) throws {
        let proxy = try #require(ProxySettings(["https_proxy": "http://p:1", "no_proxy": exceptions]))
        #expect(proxy.isUsed(for: host) == isUsed)
    }

    /// The tool knows ranges, though 7.88 doesn't find those of IPv6, whose brackets it has taken away by then.
    @Test(arguments: exceptions.filter { !($0.host.contains(":") && $0.exceptions.contains("/")) })
    func `the curl of this machine agrees`(host: String, exceptions: String, isUsed: Bool) async throws {
        let name = host.contains(":") ? "[\(host)]" : host
        let environment = ["https_proxy": "http://127.0.0.1:1", "no_proxy": exceptions]
        // No address is reachable here, and no name resolves: only the peer that is asked counts.
        let outcome = try await Program("/usr/bin/curl", environment: environment)
            .run([
                "-sv", "--max-time", "1", "--connect-timeout", "0.2", "--resolve", "*:443:127.0.0.1",
                "https://\(name)/",
            ])
        #expect(outcome.errors.contains("Uses proxy env variable https_proxy") == isUsed, "\(outcome.errors)")
    }

    @Test(arguments: [
        ("127.0.0.0/8", true), ("127.0.0.1", true), ("*", true), ("10.0.0.0/8,0.0.1", false), ("", false),
    ])
    func `the transport goes where the variables lead, whatever the version of libcurl`(
        exceptions: String,
        isDirect: Bool
    )
        async throws
    {
        try await Peers.proxy { proxy in
            try await Peers.http { peer in
                let transport = HTTPTransport(environment: ["http_proxy": proxy.url, "NO_PROXY": exceptions])
                let response = try await transport.send(.patient(url: peer.url + "/hello"))
                let text = String(decoding: response.body, as: UTF8.self)
                #expect(text == (isDirect ? "hello" : "proxied \(peer.url)/hello"))
            }
        }
    }

    @Test func `exceptions in quotes are known as such, and as they were meant`() throws {
        let environment = ["https_proxy": "http://p:1", "NO_PROXY": #""localhost,.example.org""#]
        let proxy = try #require(ProxySettings(environment))
        #expect(proxy.hasQuotedExceptions && proxy.exceptionsVariable == "NO_PROXY")
        #expect(proxy.unquotedExceptions == "localhost,.example.org")
        #expect(proxy.isUsed(for: "localhost"))
    }
}
