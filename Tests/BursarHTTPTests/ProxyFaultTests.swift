import BursarHTTP
import TestSupport
import Testing

/// A proxy's errors differ from the server's, and have messages of their own.
@Suite(.timeLimit(.minutes(10)))
struct ProxyFaultTests {
    @Test(arguments: [
        (407, "the proxy …@PROXY refused (407): its user or password is missing or wrong"),
        (403, "the proxy …@PROXY refused (403): its rules don't allow origin.invalid; ask its operator"),
        (502, "the proxy …@PROXY can't reach origin.invalid (502)"),
        (503, "the proxy …@PROXY can't reach origin.invalid (503)"),
        (504, "the proxy …@PROXY can't reach origin.invalid (504)"),
        (302, "the proxy …@PROXY refused (302): it sends callers elsewhere, as a network's log-in page does"),
        (429, "the proxy …@PROXY refused (429)"),
    ])
    func `a proxy's refusal is reported with its status`(status: Int, message: String) async throws {
        try await Peers.proxy("\(status)") { proxy in
            let fault = await fault("https://origin.invalid/", via: "http://user:wrong@127.0.0.1:\(proxy.port)")
            #expect(fault == .proxyRefused(status: status, proxy: name("…@127.0.0.1:\(proxy.port)")))
            #expect(fault.map { words($0, proxy) } == message)
            #expect(await proxy.says("asked for origin.invalid:443"))
        }
    }

    @Test func `where a proxy asks for a user, the line to set one is named`() {
        for address in ["…@proxy.example:3128", "http://proxy.example:3128"] {
            let fault = TransportError.proxyRefused(status: 407, proxy: name(address))
            let found = NetworkError(fault, url: "https://bursar.example.org/healthz")
            #expect(found.fix == "export https_proxy=http://USER:PASSWORD@proxy.example:3128")
        }
    }

    @Test func `a proxy that hangs up, or speaks something else, is it that broke off`() async throws {
        for how in ["close", "garbage"] {
            try await Peers.proxy(how) { proxy in
                let fault = await fault("https://origin.invalid/", via: proxy.url)
                #expect(fault.map { words($0, proxy) } == "the proxy http://PROXY broke off the connection", "\(how)")
            }
        }
    }

    @Test func `a proxy that is not there, or whose name is not known, is named`() async throws {
        let port = try await Peers.proxy { $0.port }
        let away = await fault("https://origin.invalid/", via: "http://127.0.0.1:\(port)")
        guard case .unreachable(_, let peer) = away else { return #expect(away == nil) }
        #expect(peer == .proxy(name("http://127.0.0.1:\(port)")))
        let unknown = await fault("https://origin.invalid/", via: "http://nobody.invalid:3128")
        guard case .unresolved(_, .proxy(let proxy)) = unknown else { return #expect(unknown == nil) }
        #expect(proxy == name("http://nobody.invalid:3128"))
    }

    @Test func `a proxy that never answers is late, before there is a connection to the server`() async throws {
        try await Peers.proxy("silent") { proxy in
            let limits = TransferLimits.patient(connect: .milliseconds(300))
            let fault = await fault("https://origin.invalid/", via: proxy.url, limits)
            #expect(fault == .connectTimedOut(.connection, peer: .proxy(name("http://127.0.0.1:\(proxy.port)"))))
            #expect(
                fault.map { words($0, proxy) } == "the proxy http://PROXY took too long to connect to origin.invalid"
            )
        }
    }

    @Test func `a server that is silent behind a tunnel is the server's fault`() async throws {
        try await Peers.proxy("sink") { proxy in
            // The limit counts from the start, and has to leave the time that opening the tunnel takes.
            let isServers = try await Waiting.withLongerLimits { limit in
                let fault = await fault("https://origin.invalid/", via: proxy.url, .patient(connect: limit))
                return fault == .connectTimedOut(.connection, peer: .server)
            }
            #expect(isServers)
        }
    }

    @Test func `a certificate behind a tunnel is the server's, and that of the proxy its own`() async throws {
        let certificate = try await TestCertificate()
        try await Peers.http(certificate: certificate) { peer in
            try await Peers.proxy("tunnel") { proxy in
                let fault = await fault("https://127.0.0.1:\(peer.port)/hello", via: proxy.url)
                guard case .untrusted(_, .server) = fault else { return #expect(fault == nil) }
            }
            try await Peers.proxy("tunnel", certificate: certificate) { proxy in
                let fault = await fault("https://origin.invalid/", via: "https://127.0.0.1:\(proxy.port)")
                guard case .untrusted(_, .proxy(let named)) = fault else { return #expect(fault == nil) }
                #expect(named == name("https://127.0.0.1:\(proxy.port)"))
            }
        }
    }

    @Test func `through a tunnel a server is asked as without one`() async throws {
        let certificate = try await TestCertificate()
        try await Peers.http(certificate: certificate) { peer in
            try await Peers.proxy("tunnel") { proxy in
                let environment = ["https_proxy": proxy.url, "AWS_CA_BUNDLE": certificate.certificate]
                let request = HTTPClientRequest.patient(url: "https://127.0.0.1:\(peer.port)/hello")
                let response = try await HTTPTransport(environment: environment).send(request)
                #expect(String(decoding: response.body, as: UTF8.self) == "hello")
                #expect(await proxy.says("asked for 127.0.0.1:\(peer.port)"))
            }
        }
    }

    @Test(arguments: [
        (#""http://proxy.example:3128""#, true), ("'http://proxy.example:3128'", true),
        (#"http://proxy.example:3128""#, true), ("http://proxy.example:3128\r", false),
        ("http://proxy.example:port", false), ("ftp://proxy.example:21", false), ("http://", false),
        ("http://user:secret@", false), ("http://user:secret@proxy example", false), (":3128", false),
        ("http://user:sec@ret@proxy.example:3128", false), ("http://user:sec/ret@proxy.example:3128", false),
        ("http://us er:secret@proxy.example:3128", false), ("http://user:secret#1@proxy.example:3128", false),
    ])
    func `a value that is no proxy's address is named, and nobody is asked`(value: String, isQuoted: Bool) async {
        let fault = await fault("https://origin.invalid/", via: value)
        #expect(fault == .proxyMalformed(variable: "https_proxy", isQuoted: isQuoted))
        guard let fault else { return }
        let found = NetworkError(fault, url: "https://origin.invalid/")
        #expect(
            found.message
                == (isQuoted
                    ? "https_proxy has quotes in its value, so it is no proxy's address"
                    : "https_proxy is no proxy's address: @ and / in a password are written as %40 and %2F")
        )
        #expect(!found.message.contains("secret"))
    }

    private func name(_ address: String) -> TransportError.Proxy {
        TransportError.Proxy(address: address, variable: "https_proxy")
    }

    private func words(_ fault: TransportError, _ proxy: ChildServer) -> String {
        NetworkError(fault, url: "https://origin.invalid/").message.replacing("127.0.0.1:\(proxy.port)", with: "PROXY")
    }

    private func fault(
        _ url: String,
        via proxy: String,
        _ limits: TransferLimits = .patient()
    ) async -> TransportError? {
        do {
            let transport = HTTPTransport(environment: ["https_proxy": proxy])
            _ = try await transport.send(.patient(url: url, limits: limits))
            return nil
        } catch {
            return error as? TransportError
        }
    }
}
