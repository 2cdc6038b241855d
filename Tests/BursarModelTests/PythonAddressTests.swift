import BursarFoundation
import TestSupport
import Testing

@testable import BursarModel

/// Addresses and blocks beside Python's `ipaddress`, which other people wrote and check.
@Suite struct PythonAddressTests {
    private static let program = Program("/usr/bin/env", environment: ["PATH": "/usr/local/bin:/usr/bin:/bin"])

    /// Reads a JSON list of texts, and prints the result of `answer(text)` for each; zones and `/08` are out of scope.
    private static func ask(_ texts: [String], _ answer: String) async throws -> [String?] {
        let script = """
            import ipaddress, json, re, sys
            def number(address):
                mapped = getattr(address, "ipv4_mapped", None)
                address = mapped or address
                return f"{address.version} {int(address)}"
            def block(text):
                parts = text.split("/")
                if len(parts) == 2 and not re.fullmatch("0|[1-9][0-9]{0,2}", parts[1], re.ASCII): return None
                address = ipaddress.ip_address(parts[0])
                network = ipaddress.ip_network(text, strict=False)
                if address.version == 6 and address.ipv4_mapped:
                    if network.prefixlen < 96: return None
                    network = ipaddress.ip_network((network.network_address.ipv4_mapped, network.prefixlen - 96))
                return network
            def answer(text):
            \(answer.split(separator: "\n").map { "    " + $0 }.joined(separator: "\n"))
            def safely(text):
                try: return None if "%" in text else answer(text)
                except ValueError: return None
            print(json.dumps([safely(text) for text in json.loads(sys.stdin.buffer.read())]))
            """
        let input = String(decoding: try JSONEncoder().encode(texts), as: UTF8.self)
        let outcome = try await program.run(["python3", "-c", script], input: input)
        try #require(outcome.isSuccess, "\(outcome.errors)")
        return try JSONDecoder().decode([String?].self, from: Data(outcome.output.utf8))
    }

    private static func number(_ address: IPAddress) -> String {
        "\(address.family == .v4 ? 4 : 6) \(address.bits)"
    }

    @Test func `addresses are those that Python reads, and the same ones`() async throws {
        var random = SeededGenerator(seed: 1)
        var texts = (0..<3000).map { _ in AddressText.address(using: &random) }
        texts += texts.map { AddressText.damaged($0, using: &random) }
        texts += texts.compactMap { IPAddress($0)?.description }
        let theirs = try await Self.ask(texts, "return number(ipaddress.ip_address(text))")
        let ours = texts.map { IPAddress($0).map(Self.number) }
        for (text, pair) in zip(texts, zip(ours, theirs)) where pair.0 != pair.1 {
            Issue.record("\(text): \(pair.0 ?? "none"), in Python \(pair.1 ?? "none")")
        }
        #expect(ours.count { $0 != nil } > 6000)
        #expect(ours.count { $0 == nil } > 500)
    }

    @Test func `blocks are those that Python reads, and the same ones`() async throws {
        var random = SeededGenerator(seed: 2)
        var texts = (0..<3000).map { _ in AddressText.block(using: &random) }
        texts += texts.map { AddressText.damaged($0, using: &random) }
        texts += texts.compactMap { CIDRBlock($0)?.description }
        let answer = """
            found = block(text)
            return found and f"{number(found.network_address)} {found.prefixlen}"
            """
        let theirs = try await Self.ask(texts, answer)
        let ours = texts.map { CIDRBlock($0).map { "\(Self.number($0.network)) \($0.prefix)" } }
        for (text, pair) in zip(texts, zip(ours, theirs)) where pair.0 != pair.1 {
            Issue.record("\(text): \(pair.0 ?? "none"), in Python \(pair.1 ?? "none")")
        }
        #expect(ours.count { $0 != nil } > 6000)
        #expect(ours.count { $0 == nil } > 500)
    }

    @Test func `a block holds what it holds in Python`() async throws {
        var random = SeededGenerator(seed: 3)
        let pairs = (0..<4000).map { _ -> (block: String, address: String) in
            let block = AddressText.block(using: &random)
            let near = CIDRBlock(block).map { AddressText.neighbour(of: $0, using: &random).description }
            return (block, near ?? AddressText.address(using: &random))
        }
        let answer = """
            network, address = text.split(" ")
            network, address = block(network), ipaddress.ip_address(address)
            address = getattr(address, "ipv4_mapped", None) or address
            return network and str(network.version == address.version and address in network)
            """
        let theirs = try await Self.ask(pairs.map { "\($0.block) \($0.address)" }, answer)
        let ours = pairs.map { pair -> String? in
            guard let block = CIDRBlock(pair.block), let address = IPAddress(pair.address) else { return nil }
            return block.contains(address) ? "True" : "False"
        }
        for (pair, both) in zip(pairs, zip(ours, theirs)) where both.0 != both.1 {
            Issue.record("\(pair): \(both.0 ?? "none"), in Python \(both.1 ?? "none")")
        }
        #expect(ours.count { $0 == "True" } > 500)
        #expect(ours.count { $0 == "False" } > 500)
    }

    /// Excluded are ranges on which Python's versions differ, or without callers: multicast and unallocated ones.
    @Test func `addresses are public where Python calls them global`() async throws {
        var random = SeededGenerator(seed: 4)
        let odd = ["192.0.0.0/24", "224.0.0.0/3", "2001::/23", "3fff::/20"].compactMap { CIDRBlock($0) }
        let unicast = try #require(CIDRBlock("2000::/3"))
        let addresses = (0..<6000).map { _ in AddressText.near(special: &random) }
            .filter { address in
                !odd.contains { $0.contains(address) } && (address.family == .v4 || unicast.contains(address))
            }
        let answer = "return str(ipaddress.ip_address(text).is_global)"
        let theirs = try await Self.ask(addresses.map(\.description), answer)
        for (address, theirs) in zip(addresses, theirs) where theirs != (address.isPublic ? "True" : "False") {
            Issue.record("\(address): \(address.isPublic), in Python \(theirs ?? "none")")
        }
        #expect(addresses.count > 3000)
    }
}
