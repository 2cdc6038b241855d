import Subprocess
import TestSupport
import Testing

@testable import creds

/// A proxy that refuses, as `refresh`, `process` and `doctor` report it.
struct ProxyFaultTests {
    let home: Home

    init() throws {
        home = try Home()
        try home.writeCLI()
    }

    @Test func `refresh, process and doctor say that the proxy refused, and what to set`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            try home.edit(".config/bursar/temp-bedrock.json", server.url, "https://bursar.example.org")
            try await Self.proxy("407") { proxy in
                let address = "127.0.0.1:\(proxy.port)"
                let environment = ["HTTPS_PROXY": "http://user:wrong@\(address)"]
                let message = "the proxy …@\(address) refused (407): its user or password is missing or wrong"
                let fix = "export HTTPS_PROXY=http://USER:PASSWORD@\(address)"
                for command in ["refresh", "process"] {
                    let outcome = try await home.creds(command, environment: environment)
                    #expect(outcome.exitCode == 1 && outcome.output.isEmpty)
                    #expect(outcome.errors == "creds: error: \(message)\ncreds: hint: \(fix)\n")
                }
                let found = try await home.findings(environment: environment).first { $0.check == .server }
                #expect(found == .problem(.server, message, fix: fix))
            }
        }
    }

    @Test(arguments: [
        ("403", "refused (403): its rules don't allow bursar.example.org; ask its operator"),
        ("502", "can't reach bursar.example.org (502)"), ("close", "broke off the connection"),
    ])
    func `other refusals have their own words`(how: String, said: String) async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            try home.edit(".config/bursar/temp-bedrock.json", server.url, "https://bursar.example.org")
            try await Self.proxy(how) { proxy in
                let outcome = try await home.creds("refresh", environment: ["https_proxy": proxy.url])
                let message = "creds: error: the proxy \(proxy.url) \(said)\n"
                #expect(outcome.errors.hasPrefix(message), "\(outcome.errors)")
            }
        }
    }

    private static func proxy(_ how: String, _ body: (ChildServer) async throws -> Void) async throws {
        let peer = Checkout.root + "Tests/BursarHTTPTests/Peers/proxy_peer.py"
        try await ChildServer.run(.name("python3"), [peer, how], body: body)
    }
}
