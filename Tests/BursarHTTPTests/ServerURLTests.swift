import BursarHTTP
import Testing

struct ServerURLTests {
    @Test(
        arguments: [
            ("https://vend.example.org", "https://vend.example.org"),
            ("https://vend.example.org/", "https://vend.example.org"),
            ("https://vend.example.org/credentials", "https://vend.example.org"),
            ("https://vend.example.org/credentials/", "https://vend.example.org"),
            ("https://vend.example.org/prod", "https://vend.example.org/prod"),
            ("https://vend.example.org/prod/credentials", "https://vend.example.org/prod"),
            (" HTTPS://Vend.Example.ORG:443/Prod/\n", "https://vend.example.org/Prod"),
            ("https://vend.example.org:8443/a/b~c.d_e-f", "https://vend.example.org:8443/a/b~c.d_e-f"),
            ("https://[2001:DB8::1]:8443/", "https://[2001:db8::1]:8443"),
            ("https://10.0.0.1", "https://10.0.0.1"),
            ("http://localhost:8080/", "http://localhost:8080"),
            ("http://127.0.0.1:80", "http://127.0.0.1"),
            ("http://127.9.9.9:8080/credentials", "http://127.9.9.9:8080"),
            ("http://[::1]:8080", "http://[::1]:8080"),
        ]
    )
    func `an address is read as people have it`(text: String, expected: String) throws {
        let url = try ServerURL(parsing: text)
        #expect(url.description == expected)
        #expect(url.isLoopbackHTTP == expected.hasPrefix("http://"))
    }

    @Test(
        arguments: [
            "http://vend.example.org", "http://127.evil.example", "http://127.0.0.1.example.org",
            "http://localhost.org",
            "http://10.0.0.1", "http://[::2]", "http://127.0.0.256",
        ]
    )
    func `a key is not sent in the clear`(text: String) {
        #expect(throws: ServerURL.ParseError.notHTTPS) { try ServerURL(parsing: text) }
    }

    @Test(arguments: ["ftp://vend.example.org", "htp://vend.example.org", "httpss://vend.example.org", "HTTPX://a"])
    func `a mistyped scheme differs from plain HTTP`(text: String) {
        #expect(throws: ServerURL.ParseError.unknownScheme) { try ServerURL(parsing: text) }
    }

    @Test(arguments: ["\"https://a\"", "'https://a'", " <https://a>\n", "“https://a”", "`https://a`", "\"\""])
    func `marks around an address are named`(text: String) {
        #expect(throws: ServerURL.ParseError.quoted) { try ServerURL(parsing: text) }
    }

    @Test(arguments: [
        "https://ada@vend.example.org", "https://a:b@vend.example.org/x", "http://127.0.0.1@evil.example",
    ])
    func `an address with a user is refused`(text: String) {
        #expect(throws: ServerURL.ParseError.userInfo) { try ServerURL(parsing: text) }
    }

    @Test(arguments: [
        "https://a.example?x", "https://a.example/credentials?k=v", "https://a.example/#f", "https://a#b",
    ])
    func `an address with a query or fragment is refused`(text: String) {
        #expect(throws: ServerURL.ParseError.queryOrFragment) { try ServerURL(parsing: text) }
    }

    @Test(
        arguments: [
            "", " ", "file:///etc/passwd", "vend.example.org", "vend.example.org/credentials", "//vend.example.org",
            "https:/vend.example.org",
            "https://", "https:///credentials", "https://:443", "https://a:0", "https://a:65536", "https://a:x",
            "https://a:",
            "https://a b", "https://a/b c", "https://a//b", "https://a/../b", "https://a/./b", "https://a/%2e%2e",
            "https://a\\b", "https://[::1", "https://[]", "https://[::1]x", "https://[zz::]", "https://exämple.org",
            "https://a/\u{0}", "https://a\r\nb", "h ttps://a", "://a", "https://[\u{FF11}::]",
            "https://" + String(repeating: "a", count: 2048),
        ]
    )
    func `what is not an address is refused`(text: String) {
        #expect(throws: ServerURL.ParseError.notAURL) { try ServerURL(parsing: text) }
    }
}
