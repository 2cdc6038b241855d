import BursarFoundation
import BursarModel
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The addresses from which a key may be used, on the built server: its own list, the keys', both families.
@Suite struct AddressTests {
    private static let simulated = ["BURSAR_ISSUER": "simulated"]

    /// True if this machine has IPv6 on loopback.
    private static let hasIPv6: Bool = {
        let listener = socket(AF_INET6, Int32(SOCK_STREAM.rawValue), 0)
        guard listener >= 0 else { return false }
        defer { close(listener) }
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_addr = in6addr_loopback
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in6>.size)) == 0
            }
        }
    }()

    @Test(arguments: [
        ("192.0.2.0/24", "address_refused"), ("127.0.0.0/8", nil), ("192.0.2.0/24, 127.0.0.1", nil),
        (#"["192.0.2.0/24", "127.0.0.0/8"]"#, nil), ("::/0", "address_refused"), ("0.0.0.0/0", nil),
        ("::ffff:127.0.0.0/104", nil), ("127.0.0.1/8", nil),
    ])
    func `the server's list decides for every key, in each form of it`(_ list: String, _ code: String?) async throws {
        let world = try World()
        let key = try await world.onboardAda()
        try await world.serve(Self.simulated.merging(["BURSAR_ALLOW": list]) { $1 }) { server in
            for path in ["/credentials", "/whoami", "/container-credentials"] {
                let found = try await world.refusal(server.url + path, key: key.text)
                #expect(found == code, "\(path)")
            }
            #expect(try await world.refusal(server.url + "/healthz") == nil)
        }
    }

    @Test func `a block with host bits is taken, and warned of at start`() async throws {
        let world = try World()
        _ = try await world.onboardAda()
        let checked = try await world.run(
            Checkout.program("vending-server"),
            ["check"],
            Self.simulated.merging(["BURSAR_ALLOW": "127.0.0.1/8", "BURSAR_HTTP_PORT": "0"]) { $1 }
        )
        #expect((checked.output + checked.errors).contains("127.0.0.1/8 is taken as 127.0.0.0/8"))
        let issued = try await succeeded(world.admin("keys issue ada --ip 192.0.2.1/24"))
        #expect(issued.errors.contains("192.0.2.1/24 is taken as 192.0.2.0/24"))
    }

    @Test(arguments: [
        ("BURSAR_ALLOW", "127.0.0.0/8,10.0.0.0/33", "10.0.0.0/33"), ("BURSAR_ALLOW", "localhost", "localhost"),
        ("BURSAR_ALLOW", #"["127.0.0.1", "10.0.0/8"]"#, "10.0.0/8"), ("BURSAR_ALLOW", "10.0.0.0/08", "10.0.0.0/08"),
        ("BURSAR_ALLOW", "127.0.0.1,,::1", "\"\""), ("BURSAR_TRUSTED_PROXIES", "10.0.0.0/8;::1", "10.0.0.0/8;::1"),
        ("BURSAR_TRUSTED_PROXIES", "0.0.0.0/0", "trusts everybody"),
        ("BURSAR_CLIENT_ADDRESS_HEADER", "Forwarded", "X-Forwarded-For"),
    ])
    func `a malformed entry stops the start, and is named`(
        _ name: String,
        _ value: String,
        _ named: String
    ) async throws {
        let world = try World()
        _ = try await world.onboardAda()
        let settings = Self.simulated.merging([name: value]) { $1 }
        let outcome = try await world.run(Checkout.program("vending-server"), ["serve"], settings)
        #expect(outcome.exitCode == 1)
        #expect(outcome.errors.contains(name))
        #expect(outcome.errors.contains(named), "\(outcome.errors)")
    }

    @Test func `a key's list decides for that key, and one refused call shuts nobody out`() async throws {
        let world = try World()
        let open = try await world.onboardAda()
        let here = try await world.issueKey("--ip 127.0.0.1")
        let elsewhere = try await world.issueKey("--ip 192.0.2.0/24 --ip 2001:db8::/32")
        try await world.serve(Self.simulated) { server in
            for _ in 1...2 {
                let url = server.url + "/credentials"
                let refused = try await world.refusal(url, key: elsewhere.text)
                #expect(refused == "address_refused")
                #expect(try await world.refusal(url, key: here.text) == nil)
                #expect(try await world.refusal(url, key: open.text) == nil)
            }
        }
        #expect(try await world.records("vend").count == 4)
        // The first of each key, reason, address and hour.
        let refusals = try await world.records("refusal")
        #expect(refusals == [Recorded(kind: "refusal", address: "127.0.0.1", reason: "address_refused")])
    }

    @Test(.enabled(if: hasIPv6, "this machine has no IPv6 on loopback"))
    func `a key's list holds for IPv6 too`() async throws {
        let world = try World()
        _ = try await world.onboardAda()
        let here = try await world.issueKey("--ip ::1")
        let v4 = try await world.issueKey("--ip 0.0.0.0/0")
        let settings = Self.simulated.merging(["BURSAR_HTTP_HOST": "::1"]) { $1 }
        try await world.serve(settings, announcement: "http://[::1]:") { server in
            let url = "http://[::1]:\(server.port)/credentials"
            let code = try await world.refusal(url, key: here.text)
            #expect(code == nil)
            #expect(try await world.refusal(url, key: v4.text) == "address_refused")
        }
        #expect(try await world.records("vend").map(\.address) == ["::1"])
    }

    @Test(.enabled(if: hasIPv6, "this machine has no IPv6 on loopback"))
    func `an IPv4 caller of a socket of both families is the IPv4 address`() async throws {
        let world = try World()
        _ = try await world.onboardAda()
        let here = try await world.issueKey("--ip 127.0.0.1/32")
        let v6 = try await world.issueKey("--ip ::/0")
        try await world.withMisbehavingSTS { sts in
            let settings = sts.settings.merging(["BURSAR_HTTP_HOST": "::", "BURSAR_INSECURE_HTTP": "yes"]) { $1 }
            try await world.serve(settings, announcement: "http://[::]:") { server in
                let code = try await world.refusal(server.url + "/credentials", key: here.text)
                #expect(code == nil)
                #expect(try await world.refusal(server.url + "/credentials", key: v6.text) == "address_refused")
            }
        }
        #expect(try await world.records("vend").map(\.address) == ["127.0.0.1"])
    }
}
