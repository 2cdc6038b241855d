import BursarConsole
import BursarFoundation
import BursarHTTP
import BursarModel
import HTTPTypes
import Hummingbird
import ServerSettings
import TestSupport
import Testing

@testable import vending_server

/// `GET /`, the page for browsers.
@Suite struct FrontPageTests {
    private func html(url: String? = nil, contact: String? = nil) throws -> String {
        let page = FrontPage(
            publicURL: try url.map { try ServerURL(parsing: $0) },
            contact: try contact.map { try #require(Contact($0)) }
        )
        return page.html
    }

    @Test func `a browser gets a page that may load nothing, run nothing and be framed by nobody`() async throws {
        let server = try TestServer()
        for accept in ["text/html,*/*", "application/json", "*/*"] {
            let answer = try await server.get("/", headers: ["accept": accept])
            #expect(answer.status == 200)
            #expect(answer.headers[.contentType] == "text/html; charset=utf-8")
            #expect(answer.headers[.cacheControl] == "no-store")
            #expect(answer.headers[.xContentTypeOptions] == "nosniff")
            let policy = try #require(answer.headers[.contentSecurityPolicy])
            for part in ["default-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"] {
                #expect(policy.contains(part))
            }
            #expect(policy.contains(/style-src 'sha256-[A-Za-z0-9+\/]{43}='/))
            #expect(!policy.contains("unsafe"))
        }
        let page = try html()
        for element in ["<script", "<img", "<form", "<iframe", "<link", " style=", "onclick", "http://", "@import"] {
            #expect(!page.lowercased().contains(element), "\(element)")
        }
    }

    @Test func `it names the server by its configured address, and never by what a request calls it`() async throws {
        let page = try html(url: "https://bursar.example.edu/prod")
        #expect(page.contains("creds install --url https://bursar.example.edu/prod<"))
        let server = try TestServer()
        let hosts = "Host: evil.example.org\r\nX-Forwarded-Host: evil.example.org\r\n"
        let bytes = "GET / HTTP/1.1\r\n" + hosts + "Connection: close\r\n\r\n"
        let text = try await server.live { port in try await RawClient.run(port, ["send"], sending: bytes) }
        #expect(text.hasPrefix("HTTP/1.1 200 "))
        #expect(!text.contains("evil"))
    }

    @Test func `without a configured address it says to ask the operator`() throws {
        let page = try html()
        #expect(page.contains("creds install --url ADDRESS"))
        #expect(page.contains("Your operator tells you the ADDRESS"))
        #expect(page.contains("turn to whoever gave you this address"))
    }

    @Test(arguments: [
        ("ada@example.edu", #"<a href="mailto:ada@example.edu"><bdi>ada@example.edu</bdi></a>"#),
        (" it-help+bedrock@cs.example.edu ", #"<a href="mailto:it-help+bedrock@cs.example.edu">"#),
        ("https://example.edu/help?a=1&b=2", #"<a href="https://example.edu/help?a=1&amp;b=2">"#),
        ("the help desk, room 2.14", "<bdi>the help desk, room 2.14</bdi>"),
        // None of it is markup, and no link runs code.
        (#"<script>alert("x")</script>"#, "<bdi>&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;</bdi>"),
        (#"https://example.edu/"onmouseover="x"#, #"href="https://example.edu/&quot;onmouseover=&quot;x""#),
        ("javascript:alert(1)", "<bdi>javascript:alert(1)</bdi>"),
        ("http://example.edu", "<bdi>http://example.edu</bdi>"),
        ("a@b?subject=x@c", "<bdi>a@b?subject=x@c</bdi>"), ("x<\u{301}b>", "x&lt;\u{301}b&gt;"),
        ("{{url}}", "<bdi>{{url}}</bdi>"),
    ])
    func `whom to ask is a link where it can be one, and text in any case`(_ contact: String, _ html: String) throws {
        let page = try self.html(contact: contact)
        #expect(page.contains(html), "\(page.suffix(700))")
        #expect(!page.contains("whoever gave you"))
    }

    @Test(arguments: [
        "  ", "two\nlines", "a\u{7}b", "right\u{202E}tfel", "zero\u{200B}width", String(repeating: "x", count: 201),
        "https://example.edu/a b", "https://münchen.example",
    ])
    func `whom to ask is one line that can be read`(_ contact: String) {
        #expect(Contact(contact) == nil)
        #expect(throws: UserFacingError.self) {
            try Settings(environment: ["BURSAR_ISSUER": "simulated", "BURSAR_CONTACT": contact, "HOME": "/tmp"])
        }
    }

    @Test func `the server that runs has the page of its settings`() async throws {
        let real = try RealServer()
        let settings = ["BURSAR_PUBLIC_URL": "https://bursar.example.edu", "BURSAR_CONTACT": "ada@example.edu"]
        try await real.serve(settings) { server in
            let request = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            let text = try await RawClient.run(server.port, ["send"], sending: request)
            #expect(text.contains("creds install --url https://bursar.example.edu<"))
            #expect(text.contains("mailto:ada@example.edu"))
        }
    }
}
