import BursarFoundation

/// A machine of its own as far as the network goes (a namespace of Linux's), with one wire to this one, which a test cuts.
package final class RemoteHost: Sendable {
    /// The addresses of the wire's two ends.
    package let inside: String
    package let outside: String
    private let name: String

    /// Words that run a program on that machine.
    package var prefix: [String] { ["/usr/bin/env", "ip", "netns", "exec", name] }

    /// True if this user may make one.
    package static func isAllowed() async -> Bool {
        (try? await with { _ in }) != nil
    }

    /// Runs `body` with such a machine, and takes it away.
    package static func with<Result>(body: (RemoteHost) async throws -> Result) async throws -> Result {
        let host = try await RemoteHost()
        do {
            let result = try await body(host)
            try await host.remove()
            return result
        } catch {
            try? await host.remove()
            throw error
        }
    }

    private init() async throws {
        name = "bursar" + String(UInt32.random(in: .min ... .max), radix: 16)
        let network = "10.\(UInt8.random(in: 128...254)).\(UInt8.random(in: 1...254))"
        (outside, inside) = (network + ".1", network + ".2")
        try await run(
            """
            ip netns add \(name)
            ip link add \(name) type veth peer name wire netns \(name)
            ip address add \(outside)/30 dev \(name)
            ip link set \(name) up
            ip -n \(name) address add \(inside)/30 dev wire
            ip -n \(name) link set wire up
            ip -n \(name) link set lo up
            """
        )
    }

    /// Cuts the wire: what either side sends is lost, without an error.
    package func cut() async throws {
        try await run("ip link set \(name) down")
    }

    package func mend() async throws {
        try await run("ip link set \(name) up")
    }

    private func remove() async throws {
        try await run("ip link delete \(name); ip netns delete \(name)")
    }

    private func run(_ lines: String) async throws {
        let environment = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]
        let outcome = try await Program("/bin/sh", environment: environment).run(["-ec", lines])
        guard outcome.isSuccess else { throw PostgresCluster.StartError(reason: outcome.errors) }
    }
}
