import BursarFoundation
import SystemPackage
import TestSupport
import Testing

@testable import vending_server

/// The number of connections that fit into memory.
@Suite struct MemoryBudgetTests {
    /// Creates a control group file system: files by their path, and the process's own group.
    private func limit(_ group: String, _ files: [String: String]) throws -> Int? {
        let folder = try TemporaryFolder()
        for (path, text) in files.merging(["self": group], uniquingKeysWith: { $1 }) {
            try folder.write(text, to: path)
        }
        return MemoryBudget.cgroupLimit(of: folder.path.appending("self"), root: folder.path)
    }

    private struct Group: Sendable {
        let own: String
        let files: [String: String]
        let limit: Int?

        init(_ own: String, _ files: [String: String], _ limit: Int?) {
            self.own = own
            self.files = files
            self.limit = limit
        }
    }

    private static let groups = [
        // A unit's own, the slice's above it, a container that is its own root, one that sees its host's path.
        Group("0::/system.slice/bursar.service\n", ["system.slice/bursar.service/memory.max": "7000\n"], 7000),
        Group("0::/a/b\n", ["a/b/memory.max": "7000\n", "a/memory.max": "5000\n", "memory.max": "max\n"], 5000),
        Group("0::/\n", ["memory.max": "7000\n"], 7000),
        Group("0::/docker/4f2a\n", ["memory.max": "7000\n"], 7000),
        Group("0::/../../other\n", ["memory.max": "7000\n"], 7000),
        // Version 1, beside other controllers, and its word for none.
        Group("5:cpu:/x\n4:a,memory:/docker/1\n0::/\n", ["memory/docker/1/memory.limit_in_bytes": "7000\n"], 7000),
        Group("4:memory:/\n", ["memory/memory.limit_in_bytes": "9223372036854771712\n"], nil),
        // No limit, or no readable file.
        Group("0::/\n", ["memory.max": "max\n"], nil), Group("0::/\n", [:], nil), Group("", ["memory.max": "1"], nil),
        Group("nonsense\n0:\n", ["memory.max": "5"], nil), Group("0::/\n", ["memory.max": "0\n"], nil),
    ]

    @Test(arguments: groups)
    private func `the least limit of the control group and of those around it counts`(_ group: Group) throws {
        #expect(try limit(group.own, group.files) == group.limit)
    }

    @Test func `without a group file there is no limit`() {
        #expect(MemoryBudget.cgroupLimit(of: "/nowhere/self", root: "/nowhere") == nil)
    }

    @Test(arguments: [
        // Without a limit: the usual number, or what half of a small machine holds.
        [0, 16_384, 4000], [0, 1024, 1024], [0, 256, 256],
        // With a limit: the number that fits, from 256 to 20,000.
        [1024, 16_384, 3754], [512, 16_384, 1024], [64, 16_384, 256], [65_536, 131_072, 20_000],
    ])
    func `as many connections are held as fit`(_ mebibytes: [Int]) {
        let limit = mebibytes[0] == 0 ? Int.max : mebibytes[0] << 20
        #expect(MemoryBudget.connections(within: limit, machine: mebibytes[1] << 20) == mebibytes[2])
    }

    @Test(arguments: [
        ("systemd/bursar.service", #"MemoryMax=(\d+)G"#), ("container/compose.yaml", #"mem_limit: (\d+)g"#),
        ("kubernetes/bursar.yaml", #"limits:\s+memory: (\d+)Gi"#),
    ])
    func `what the packagings allow is more than all connections at their worst`(
        _ file: String,
        _ form: String
    ) throws {
        let text = try String(contentsOfFile: Checkout.root + "Packaging/" + file, encoding: .utf8)
        let pattern = try Regex(form, as: (Substring, Substring).self)
        let limit = try #require(text.firstMatch(of: pattern).flatMap { Int($0.output.1) }) << 30
        let connections = MemoryBudget.connections(within: limit, machine: .max)
        #expect(connections >= 3500)
        #expect(connections * MemoryBudget.perConnection + MemoryBudget.rest <= limit)
        // No packaged unit sets the number beside the memory limit: it would no longer follow it.
        #expect(!text.contains("BURSAR_HTTP_CONNECTIONS"))
    }
}
