import BursarFoundation
import BursarModel
import TestSupport
import Testing

/// The client address, with nginx in front and clients at several addresses of this machine.
@Suite(.enabled(if: Nginx.isInstalled, "Debian's package nginx-light has it")) struct NginxTests {
    private static let trusting = ["BURSAR_ISSUER": "simulated", "BURSAR_TRUSTED_PROXIES": "127.0.0.1/32"]

    /// The result of curl from `source`: the error code, or nil for credentials.
    private func ask(
        _ url: String,
        _ world: World,
        _ key: ResearcherKey,
        from source: String,
        _ headers: [String] = []
    ) async throws -> String? {
        // The key is passed on standard input, where no other process reads it.
        let arguments =
            ["-sS", "-m", "20", "--interface", source, "-H", "@-", "--cacert", Nginx.certificate(world)]
            + headers.flatMap { ["-H", $0] }
        let input = "x-api-key: \(key.text.reveal())\n"
        let outcome = try await world.run("/usr/bin/curl", arguments + [url + "/credentials"], input: input)
        let body = Data(try succeeded(outcome).output.utf8)
        return try? JSONDecoder().decode(ErrorResponse.self, from: body).error
    }

    /// The shipped nginx configuration, which replaces the client's header; and load balancers, which append to it.
    private static let manners = [[:], ["X-Forwarded-For $remote_addr": "X-Forwarded-For $proxy_add_x_forwarded_for"]]

    @Test(
        arguments: manners,
        [
            [], ["X-Forwarded-For: 192.0.2.1"], ["X-Forwarded-For: 127.0.0.1"],
            ["Forwarded: for=192.0.2.1;proto=https"],
            ["X-Forwarded-For: 192.0.2.1, 127.0.0.1", "X-Forwarded-For: 10.0.0.1"], ["X-Real-IP: 192.0.2.1"],
            ["X-Forwarded-For: not an address"], ["X-Forwarded-For:, ,"],
            ["Forwarded: for=192.0.2.1", "X-Forwarded-For: ::ffff:192.0.2.1", "X-Client-IP: 192.0.2.1"],
        ]
    )
    func `the address on record is the client's own, whatever it claims`(
        _ manner: [String: String],
        _ headers: [String]
    ) async throws {
        let world = try World()
        let key = try await world.onboardAda()
        try await world.serve(Self.trusting) { server in
            try await Nginx.run(world, inFrontOf: server.url, changes: manner) { url in
                let code = try await ask(url, world, key, from: "127.0.0.5", headers)
                #expect(code == nil)
            }
        }
        #expect(try await world.records("vend").map(\.address) == ["127.0.0.5"])
    }

    @Test func `a key's addresses hold through the proxy, and a claim opens nothing`() async throws {
        let world = try World()
        _ = try await world.onboardAda()
        let issued = try await succeeded(world.admin("keys issue ada --ip 127.0.0.6/32 --ip 192.0.2.0/24"))
        let key = try ResearcherKey(parsing: issued.output)
        try await world.serve(Self.trusting) { server in
            try await Nginx.run(world, inFrontOf: server.url) { url in
                let allowed = try await ask(url, world, key, from: "127.0.0.6")
                #expect(allowed == nil)
                for claim in [[], ["X-Forwarded-For: 127.0.0.6"], ["Forwarded: for=127.0.0.6"]] {
                    let refused = try await ask(url, world, key, from: "127.0.0.7", claim)
                    #expect(refused == "address_refused", "\(claim)")
                }
                // A request from elsewhere changes nothing for the first.
                #expect(try await ask(url, world, key, from: "127.0.0.6") == nil)
                // Only proxies are named: there is no client.
                #expect(try await ask(url, world, key, from: "127.0.0.1") == "address_refused")
            }
        }
        #expect(try await world.records("vend").map(\.address) == ["127.0.0.6", "127.0.0.6"])
    }

    @Test func `selftest asks through the proxy, where the server takes this machine for its own`() async throws {
        let world = try World()
        _ = try await world.onboardAda()
        // nginx gets another address of this machine, as it does where its name resolves to a public one.
        let elsewhere = ["X-Forwarded-For $remote_addr": "X-Forwarded-For 192.0.2.77"]
        try await world.serve(Self.trusting) { server in
            try await Nginx.run(world, inFrontOf: server.url, changes: elsewhere) { url in
                let port = server.url.split(separator: ":").last.map(String.init) ?? ""
                let settings = Self.trusting.merging(["BURSAR_HTTP_PORT": port]) { $1 }
                let trust = ["SSL_CERT_FILE": Nginx.certificate(world), "BURSAR_PUBLIC_URL": url]
                let admin = Checkout.program("admin")
                let outcome = try await world.run(admin, ["selftest"], settings.merging(trust) { $1 })
                #expect(outcome.isSuccess, "\(outcome.output)\(outcome.errors)")
                #expect(outcome.errors.contains("takes 127.0.0.1 for its proxy"))
                #expect(outcome.errors.contains("asked through that, at \(url)"))
                let nowhere = try await world.run(admin, ["selftest"], settings)
                #expect(nowhere.exitCode == 1)
                #expect(nowhere.errors.contains("can't tell where requests of this machine come from"))
                #expect(nowhere.errors.contains("BURSAR_PUBLIC_URL"))
            }
        }
    }

    @Test func `the server's own list holds through the proxy`() async throws {
        let world = try World()
        let key = try await world.onboardAda()
        try await world.serve(Self.trusting.merging(["BURSAR_ALLOW": "127.0.0.6"]) { $1 }) { server in
            try await Nginx.run(world, inFrontOf: server.url) { url in
                let allowed = try await ask(url, world, key, from: "127.0.0.6")
                #expect(allowed == nil)
                #expect(try await ask(url, world, key, from: "127.0.0.7") == "address_refused")
            }
        }
    }

    @Test func `a proxy that isn't trusted is the client, and its header is warned of once`() async throws {
        let world = try World()
        let key = try await world.onboardAda()
        try await world.serve(["BURSAR_ISSUER": "simulated"]) { server in
            try await Nginx.run(world, inFrontOf: server.url) { url in
                for source in ["127.0.0.5", "127.0.0.6", "127.0.0.5"] {
                    let code = try await ask(url, world, key, from: source)
                    #expect(code == nil)
                }
            }
            server.stop()
            var warnings = 0
            for await line in server.lines where line.contains("isn't a trusted proxy") { warnings += 1 }
            #expect(warnings == 1)
        }
        #expect(try await world.records("vend").map(\.address) == ["127.0.0.1", "127.0.0.1", "127.0.0.1"])
    }
}
