import BursarHTTP
import Subprocess
import SystemPackage
import TestSupport
import Testing

@testable import creds

/// Findings of `creds doctor` about server, clock and key.
struct DoctorServerTests {
    let home: Home
    private static let profile = ".config/bursar/temp-bedrock.json"

    init() throws {
        home = try Home()
        try home.writeCLI()
    }

    struct Case: Sendable {
        let answer: FakeBursar.Answer
        let check: DoctorFinding.Topic
        let state: DoctorFinding.State
        let message: String
        let fix: String
    }

    static let cases: [Case] = [
        Case(
            answer: .revokedThen,
            check: .key,
            state: .problem,
            message: "this key was revoked (key_revoked); ask your operator for a new one",
            fix: "creds install --url URL"
        ),
        Case(
            answer: .addressThen,
            check: .address,
            state: .problem,
            message: "this key may not be used from your address (address_refused); ask your operator to allow it",
            fix: "curl -s https://checkip.amazonaws.com"
        ),
        Case(
            answer: .disabledThen,
            check: .key,
            state: .problem,
            message: "this researcher's access is switched off (researcher_disabled); ask your operator",
            fix: "creds whoami"
        ),
        Case(
            answer: .htmlThen,
            check: .server,
            state: .problem,
            message: "URL did not answer as a Bursar server does (status 200); "
                + "check the address, and that no log-in page of your network answers in its place",
            fix: "curl -i URL/healthz"
        ),
        Case(
            answer: .redirectThen,
            check: .server,
            state: .problem,
            message: "URL redirects elsewhere (status 302); the key was not sent on; "
                + "ask your operator for the server's own address, then run creds install --url with it",
            fix: "curl -i URL/healthz"
        ),
        Case(
            answer: .slowClock,
            check: .clock,
            state: .problem,
            message: "this machine's clock is 10m ahead of the server's; AWS refuses more than 5m",
            fix: "sudo timedatectl set-ntp true"
        ),
        Case(
            answer: .fastClock,
            check: .clock,
            state: .problem,
            message: "this machine's clock is 10m behind the server's; AWS refuses more than 5m",
            fix: "sudo timedatectl set-ntp true"
        ),
        Case(
            answer: .lazyClock,
            check: .clock,
            state: .warning,
            message: "this machine's clock is 1m 30s ahead of the server's",
            fix: "sudo timedatectl set-ntp true"
        ),
    ]

    @Test(arguments: cases)
    func `what the server says is found`(item: Case) async throws {
        try await FakeBursar.run(item.answer, home: home) { server in
            _ = try await server.install()
            let found = try await home.findings()
            let finding = try #require(found.first { $0.check == item.check && $0.state != .skipped })
            #expect(finding.state == item.state)
            // A clock differs by the seconds that a busy machine takes to read it.
            let message = finding.message.replacing(server.url, with: "URL")
                .replacing(/9m 5\ds|10m \ds/, with: "10m").replacing(/1m [23]\ds/, with: "1m 30s")
            #expect(message == item.message)
            #expect(finding.fix?.replacing(server.url, with: "URL") == item.fix)
            #expect(found.filter { $0.state != .skipped } == [finding])
        }
    }

    @Test func `a revoked key is one screen`() async throws {
        try await FakeBursar.run(.revokedThen, home: home) { server in
            _ = try await server.install()
            let seen = try await home.doctor(url: server.url)
            #expect(
                seen.output.contains(
                    """
                    ok       server           URL answers
                    ok       clock            agrees with the server's
                    problem  key              this key was revoked (key_revoked); ask your operator for a new one
                                              fix: creds install --url URL
                    skipped  address          the server doesn't say it to an unknown key

                    """
                )
            )
            #expect(seen.output.hasSuffix("\n1 problem\n"))
            #expect(seen.exitCode == 1)
        }
    }

    @Test func `a key that ends soon is warned of`() async throws {
        try await FakeBursar.run(.endingKey, home: home) { server in
            _ = try await server.install()
            let found = try await home.findings()
            #expect(found.map(\.check) == [.key] && found.map(\.state) == [.warning])
            #expect(found[0].message.hasPrefix("ada's key 0123456789ab ends in 3d "))
            #expect(found[0].message.hasSuffix(": ask your operator for a new one"))
            #expect(found[0].fix == "creds install --url \(server.url)")
        }
    }

    @Test func `a server that says nothing is not waited for`() async throws {
        try await FakeBursar.run(.silentThen, home: home) { server in
            _ = try await server.install()
            let finding = try #require(try await home.findings().first { $0.state == .problem })
            #expect(finding.message.hasSuffix("took too long to answer"))
            #expect(finding.fix == "curl -v \(server.url)/healthz")
        }
    }

    @Test func `a server that is gone leaves key, clock and address open`() async throws {
        let url = try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            return server.url
        }
        let found = try await home.findings()
        #expect(found.map(\.check) == [.server, .clock, .key, .address])
        #expect(found[0].message == "nothing answers at \(url.dropFirst("http://".count))")
        #expect(found[0].fix == "curl -v \(url)/healthz")
        #expect(found.dropFirst().allSatisfy { $0.state == .skipped })
    }

    @Test func `a certificate that nobody vouches for differs from a server that is gone`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            try await ChildServer.run(.name("python3"), ["-c", Self.selfSigned, home.path.string]) { peer in
                try home.edit(Self.profile, server.url, "https://127.0.0.1:\(peer.port)")
                let finding = try #require(try await home.findings().first)
                #expect(finding.check == .server && finding.state == .problem)
                #expect(finding.message.hasPrefix("127.0.0.1:\(peer.port) does not prove who it is (TLS): "))
                #expect(finding.fix == "export AWS_CA_BUNDLE=/path/to/certificates.pem")
            }
        }
    }

    private static let selfSigned = """
        import ssl, socket, subprocess, sys
        pair = sys.argv[1] + "/pair.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1",
                        "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", pair, "-out", pair + ".crt"],
                       check=True, stderr=subprocess.DEVNULL)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pair + ".crt", pair)
        listener = socket.create_server(("127.0.0.1", 0))
        print("listening", listener.getsockname()[1], flush=True)
        while True:
            try:
                context.wrap_socket(listener.accept()[0], server_side=True).close()
            except OSError:
                pass
        """

    @Test func `a proxy that is gone differs from names that nobody knows`() async throws {
        // A label of more than 63 characters is refused without a request to any name server.
        let name = String(repeating: "x", count: 64) + ".example"
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            try home.edit(Self.profile, server.url, "https://\(name)")
            let gone = try await home.findings(environment: ["https_proxy": "http://127.0.0.1:1"])
            #expect(gone[0].message == "nothing answers at the proxy http://127.0.0.1:1, which https_proxy names")
            #expect(gone[0].fix == "curl -v https://\(name)/healthz")
            let unnamed = try await home.findings(environment: ["https_proxy": "http://\(name):1"])
            #expect(unnamed[0].message == "the name of the proxy is not known (DNS): http://\(name):1")
            #expect(unnamed[0].fix == "unset https_proxy")
            let unknown = try await home.findings()
            #expect(unknown[0].message.hasPrefix("the name \(name) is not known here (DNS)"))
            #expect(unknown[0].fix == "getent hosts \(name)")
        }
    }

    private static let look = "curl -v https://h.example/healthz"
    private static let bundle = "export AWS_CA_BUNDLE=/path/to/certificates.pem"
    private static let proxy = TransportError.Peer.proxy(.init(address: "p:1", variable: "HTTPS_PROXY"))

    @Test func `a mistyped key is reported without a request`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            try home.edit(Self.profile, Home.key, Home.key.dropLast() + "x")
            let finding = try #require(try await home.findings().first { $0.check == .key })
            #expect(finding.message == "a character of the key is mistyped or missing")
            #expect(finding.fix == "creds install --url \(server.url)")
        }
    }

    @Test func `a key command that fails is named`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            try home.write(Home.key, to: "key")
            _ = try await server.install("--key-command", "cat ~/key")
            try home.edit("key", Home.key, "")
            let none = try #require(try await home.findings().first { $0.check == .key })
            #expect(none.message == "this is not a Bursar key")
            #expect(none.fix == "creds install --url \(server.url) --key-command 'cat ~/key'")
            try home.edit(Self.profile, "cat ~/key", "exit 3")
            let failed = try #require(try await home.findings().first { $0.check == .key })
            #expect(failed.message == "the key command failed with exit code 3" && failed.fix == "exit 3")
        }
    }

    @Test(arguments: [
        (TransportError.unresolved(detail: ""), "not known here (DNS)", "getent hosts h.example"),
        (.unresolved(detail: "", peer: proxy), "the name of the proxy is not known", "unset HTTPS_PROXY"),
        (.unreachable(detail: ""), "nothing answers at h.example", look),
        (.unreachable(detail: "", peer: proxy), "nothing answers at the proxy p:1", look),
        (.untrusted(detail: ""), "h.example does not prove who it is", bundle),
        (.untrusted(detail: "", peer: proxy), "the proxy p:1 does not prove who it is", bundle),
        (.connectTimedOut(.lookup), "looking up the name h.example took too long (DNS)", "getent hosts h.example"),
        (.connectTimedOut(.connection), "h.example took too long to connect to", look),
        (.connectTimedOut(.connection, peer: proxy), "the proxy p:1 took too long to connect to h.example", look),
        (.connectTimedOut(.lookup, peer: proxy), "looking up the name of the proxy took too long (DNS): p:1", look),
        (.timedOut, "h.example took too long to answer", look), (.broken(detail: ""), "h.example broke off", look),
        (.tooLarge, "h.example sent more than such an answer holds", look),
        (.notHTTP(detail: ""), "what answers at h.example does not speak HTTP", look),
        (
            .libraryMissing(detail: "libcurl is not installed"), "libcurl is not installed",
            "sudo apt-get install libcurl4 libexpat1, or: sudo dnf install libcurl expat"
        ),
    ])
    func `each fault on the way has its own message`(fault: TransportError, said: String, fix: String) {
        let found = NetworkError(fault, url: "https://h.example/healthz")
        #expect(found.message.contains(said))
        #expect(found.fix == fix)
    }
}
