import BursarFoundation
import BursarModel
import TestSupport
import Testing

/// Requests that nginx refuses before they reach the server, with the shipped configuration.
@Suite(.enabled(if: Nginx.isInstalled, "Debian's package nginx-light has it")) struct NginxLimitTests {
    private static let simulated = ["BURSAR_ISSUER": "simulated", "BURSAR_TRUSTED_PROXIES": "127.0.0.1/32"]

    private struct Answer {
        /// The status; 0 when there was none.
        let status: Int
        let head: String
        let error: ErrorResponse?
    }

    private func curl(_ world: World, _ url: String, _ options: [String] = []) async throws -> Answer {
        let format = #"\n%{http_code}"#
        let arguments = ["-s", "-m", "20", "-D", "/dev/stderr", "--cacert", Nginx.certificate(world), "-w", format]
        let outcome = try await world.run("/usr/bin/curl", arguments + options + [url])
        let lines = outcome.output.split(separator: "\n")
        return Answer(
            status: lines.last.flatMap { Int($0) } ?? 0,
            head: outcome.errors.lowercased(),
            error: lines.first.flatMap { try? JSONDecoder().decode(ErrorResponse.self, from: Data($0.utf8)) }
        )
    }

    @Test func `TLS 1.2 and newer are spoken, and nothing else`() async throws {
        let world = try World()
        _ = try await world.onboardAda()
        try await world.serve(Self.simulated) { server in
            try await Nginx.run(world, inFrontOf: server.url) { url in
                for version in ["1.2", "1.3"] {
                    let answer = try await curl(world, url + "/healthz", ["--tlsv\(version)", "--tls-max", version])
                    #expect(answer.status == 200, "TLS \(version)")
                    #expect(!answer.head.contains("server: nginx/"))
                }
                let old = ["--tlsv1.1", "--tls-max", "1.1", "--ciphers", "ALL:@SECLEVEL=0"]
                #expect(try await curl(world, url + "/healthz", old).status == 0)
                let plain = url.replacing("https://", with: "http://")
                #expect(try await curl(world, plain + "/healthz").status == 400)
            }
        }
    }

    @Test func `a body is refused in the server's words`() async throws {
        let world = try World()
        _ = try await world.onboardAda()
        try await world.serve(Self.simulated) { server in
            try await Nginx.run(world, inFrontOf: server.url) { url in
                let body = ["--data", String(repeating: "x", count: 2000)]
                let answer = try await curl(world, url + "/credentials", body)
                #expect(answer.status == 413)
                #expect(answer.error?.error == "too_large")
            }
        }
    }

    @Test func `past its share an address has to wait, in the server's words`() async throws {
        let world = try World()
        _ = try await world.onboardAda()
        let narrow = ["rate=50r/s": "rate=1r/m", "burst=200 nodelay": "burst=1 nodelay"]
        try await world.serve(Self.simulated) { server in
            try await Nginx.run(world, inFrontOf: server.url, changes: narrow) { url in
                #expect(try await curl(world, url + "/healthz").status == 200)
                #expect(try await curl(world, url + "/healthz").status == 200)
                let refused = try await curl(world, url + "/healthz")
                #expect(refused.status == 429)
                #expect(refused.error?.error == "rate_limited")
                #expect(refused.head.contains("retry-after: 1"))
                let other = try await curl(world, url + "/healthz", ["--interface", "127.0.0.9"])
                #expect(other.status == 200)
            }
        }
    }

    @Test func `addresses of one IPv6 network of 64 bits are one to nginx's limits, those of two are two`() async throws
    {
        let groups = [
            ["::1", "::2", "::2:3:4"], ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::5"],
            ["2001:db8:1:3::5"], ["2001:db8::5", "2001:db8::1:2:3:4"], ["2001:db8:0:5::1"], ["2001:db8::5:1:2:3:4"],
            ["2001:db8:7::1", "2001:db8:7::1:2:3:4"], ["2001::9:1:2:3:4"], ["2001::9:9:1:2:3:4"], ["::9:9:9:1:2:3:4"],
        ]
        let world = try World()
        _ = try await world.onboardAda()
        let changes = [
            "map $remote_addr $bursar": "map $http_client $bursar",
            "server_tokens off;": "server_tokens off; add_header X-Neighbourhood =$bursar_neighbourhood= always;",
        ]
        try await world.serve(Self.simulated) { server in
            try await Nginx.run(world, inFrontOf: server.url, changes: changes) { url in
                var seen: Set<String> = []
                for group in groups {
                    var names: Set<String> = []
                    for address in group {
                        let answer = try await curl(world, url + "/healthz", ["-H", "client: \(address)"])
                        names.insert(answer.head.split(separator: "=").dropFirst().first.map(String.init) ?? "none")
                    }
                    #expect(names.count <= 1, "\(group) are \(names)")
                    for name in names { #expect(seen.insert(name).inserted, "\(group) are \(name) too") }
                }
            }
        }
    }

    @Test func `while the server is away, clients get a Retry-After`() async throws {
        let world = try World()
        _ = try await world.onboardAda()
        let gone = try await world.serve(Self.simulated) { $0.url }
        try await Nginx.run(world, inFrontOf: gone) { url in
            let answer = try await curl(world, url + "/credentials")
            #expect(answer.status == 503)
            #expect(answer.error?.error == "busy")
            #expect(answer.head.contains("retry-after: 2"))
            #expect(answer.head.contains("cache-control: no-store"))
        }
    }

    @Test func `what the server refuses comes through as it said it`() async throws {
        let world = try World()
        _ = try await world.onboardAda()
        try await world.serve(Self.simulated) { server in
            try await Nginx.run(world, inFrontOf: server.url) { url in
                // Not from the proxy's own address, which is no client's.
                let elsewhere = ["--interface", "127.0.0.5"]
                let missing = try await curl(world, url + "/credentials", elsewhere)
                #expect(missing.status == 401)
                #expect(missing.error?.error == "key_missing")
                #expect(try await curl(world, url + "/nowhere", elsewhere).error?.error == "not_found")
            }
        }
    }
}
