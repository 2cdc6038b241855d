import BursarHTTP
import TestSupport
import Testing

/// Peers that aren't there, aren't HTTP or aren't trusted; requests that must not leave.
struct TransportErrorTests {
    private let transport = HTTPTransport(environment: [:])

    @Test func `a port where nothing listens is unreachable`() async throws {
        let port = try await Peers.http { $0.port }
        #expect(await kind(of: "http://127.0.0.1:\(port)/") == .unreachable)
    }

    @Test func `a name that does not resolve differs from a server that is away`() async {
        #expect(await kind(of: "http://nobody.invalid/") == .unresolved)
    }

    @Test(arguments: [#"SSH-2.0-OpenSSH_9.2\r\n"#, #"\x00\x01\x02"#, #"HTTP/1.1 banana\r\n\r\n"#])
    func `a peer that does not speak HTTP is reported`(bytes: String) async throws {
        try await Peers.raw(bytes) { #expect(await kind(of: $0.url) == .notHTTP) }
    }

    @Test func `a peer that hangs up without a word broke off`() async throws {
        try await Peers.raw("") { #expect(await kind(of: $0.url) == .broken) }
    }

    @Test func `an answer that is cut short is broken`() async throws {
        try await Peers.http { #expect(await kind(of: $0.url + "/cut") == .broken) }
    }

    @Test func `a certificate that nobody vouches for is not trusted`() async throws {
        try await Peers.http(certificate: try await TestCertificate()) { peer in
            #expect(await kind(of: "https://127.0.0.1:\(peer.port)/hello") == .untrusted)
        }
    }

    @Test(arguments: [["AWS_CA_BUNDLE"], ["SSL_CERT_FILE"], ["AWS_CA_BUNDLE", "SSL_CERT_FILE"]])
    func `a certificate that the environment vouches for is trusted`(names: [String]) async throws {
        let certificate = try await TestCertificate()
        let environment = Dictionary(uniqueKeysWithValues: names.map { ($0, certificate.certificate) })
        let response = try await Peers.http(certificate: certificate) { peer in
            let url = "https://127.0.0.1:\(peer.port)/hello"
            return try await HTTPTransport(environment: environment).send(.patient(url: url))
        }
        #expect(response.status == 200)
    }

    @Test func `AWS_CA_BUNDLE goes before SSL_CERT_FILE`() async throws {
        let certificate = try await TestCertificate()
        let other = try await TestCertificate()
        let environment = ["AWS_CA_BUNDLE": other.certificate, "SSL_CERT_FILE": certificate.certificate]
        try await Peers.http(certificate: certificate) { peer in
            let url = "https://127.0.0.1:\(peer.port)/hello"
            #expect(await kind(of: url, over: HTTPTransport(environment: environment)) == .untrusted)
        }
    }

    @Test func `a trusted certificate of another address is not trusted here`() async throws {
        let certificate = try await TestCertificate(for: "127.0.0.2")
        let transport = HTTPTransport(environment: ["AWS_CA_BUNDLE": certificate.certificate])
        try await Peers.http(certificate: certificate) { peer in
            #expect(await kind(of: "https://127.0.0.1:\(peer.port)/hello", over: transport) == .untrusted)
        }
    }

    @Test func `a bundle that is not there trusts nobody`() async throws {
        let certificate = try await TestCertificate()
        let transport = HTTPTransport(environment: ["AWS_CA_BUNDLE": "/nowhere/bundle.pem"])
        try await Peers.http(certificate: certificate) { peer in
            #expect(await kind(of: "https://127.0.0.1:\(peer.port)/hello", over: transport) == .untrusted)
        }
    }

    @Test func `HTTPS to a peer that speaks HTTP is not trusted`() async throws {
        try await Peers.raw("HTTP/1.1 200 OK") { peer in
            #expect(await kind(of: "https://127.0.0.1:\(peer.port)/") == .untrusted)
        }
    }

    @Test(
        arguments: [
            "", "/credentials", "file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "127.0.0.1", "http:/x",
            "http://127.0.0.1/a b", "http://127.0.0.1/\r\nX: y", "http://127.0.0.1/\u{0}", "http://exämple.org/",
            "http://user:secret@127.0.0.1/", "http://[::1", "http://127.0.0.1:99999/",
        ]
    )
    func `a URL that is not absolute, encoded http is not sent`(url: String) async {
        #expect(await kind(of: url) == .invalidRequest)
    }

    @Test(
        arguments: [
            ("x-key", "a\r\nX-Injected: yes"), ("x-key", "a\nb"), ("x-key", "a\rb"), ("x-key", "a\u{0}b"),
            ("x-key", "a\u{7F}"), ("x\r\ny", "a"), ("x y", "a"), ("x:", "a"), ("", "a"), ("ü", "a"), ("x\u{0}", "a"),
        ]
    )
    func `a header that could become another is refused before anything is sent`(name: String, value: String)
        async throws
    {
        try await Peers.http { peer in
            let request = HTTPClientRequest.patient(url: peer.url, headers: [(name, value)])
            #expect(await kind(of: request, over: transport) == .invalidRequest)
            let seen = try await count(peer, transport)
            #expect(seen.requests == 1)
            #expect(seen.connections == 1)
        }
    }

    @Test func `no fault tells the URL or a header`() async throws {
        let headers = [("x-api-key", "hidden")]
        let request = HTTPClientRequest.patient(url: "http://hidden.invalid/?hidden", headers: headers)
        do {
            _ = try await transport.send(request)
            Issue.record("there is an answer")
        } catch {
            #expect(!"\(error) \(String(reflecting: error)) \(request)".contains("hidden"))
        }
    }

    private func kind(of url: String) async -> Kind? {
        await kind(of: url, over: transport)
    }

    private func kind(of url: String, over transport: HTTPTransport) async -> Kind? {
        await kind(of: .patient(url: url), over: transport)
    }

    private func kind(of request: HTTPClientRequest, over transport: HTTPTransport) async -> Kind? {
        do {
            _ = try await transport.send(request)
            return nil
        } catch {
            return (error as? TransportError).map(Kind.init)
        }
    }
}

/// A fault without its detail, whose wording is libcurl's.
private enum Kind {
    case unresolved, unreachable, untrusted, late, proxy, tooLarge, invalidRequest, broken, notHTTP, busy, library

    init(_ fault: TransportError) {
        self =
            switch fault {
            case .unresolved: .unresolved
            case .unreachable: .unreachable
            case .untrusted: .untrusted
            case .connectTimedOut, .timedOut: .late
            case .proxyRefused, .proxyFailed, .proxyMalformed: .proxy
            case .tooLarge: .tooLarge
            case .invalidRequest: .invalidRequest
            case .broken: .broken
            case .notHTTP: .notHTTP
            case .busy: .busy
            case .libraryMissing: .library
            }
    }
}
