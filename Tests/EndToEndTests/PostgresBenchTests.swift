import BursarFoundation
import TestSupport
import Testing

/// The programs with which `Scripts/bench` measures PostgreSQL, for a moment each: they still run, and find no vend that
/// was answered and isn't on record.
@Suite(.serialized, .enabled(if: Wrk.isThere, "needs wrk"))
struct PostgresBenchTests {
    private let world: World
    private let programs: String

    init() throws {
        world = try World()
        programs = URL(filePath: Checkout.program("admin")).deletingLastPathComponent().path(percentEncoded: false)
    }

    private func bench(_ name: String, _ arguments: [String]) async throws -> String {
        let script = Checkout.root + "Tests/Benchmarks/Postgres/\(name).py"
        return try await succeeded(world.run("/usr/bin/env", ["python3", script, programs] + arguments)).output
    }

    @Test func `vends by one server and two are measured beside SQLite and a C program`() async throws {
        let floor = world.home + "/commit-vends"
        let shim = Checkout.root + "Packages/Storage/CPQ/"
        try await succeeded(
            world.run(
                "/usr/bin/env",
                [
                    "cc", "-O1", "-I", shim + "include", "-o", floor,
                    Checkout.root + "Tests/Benchmarks/Floors/commit-vends.c", shim + "CPQ.c", "-ldl", "-lpthread",
                ]
            )
        )
        let rows = try await bench("throughput", [floor, "1", "1", "4"])
        #expect(rows.contains("vends / a C program's"))
        #expect(rows.contains("the chains hold"))
    }

    @Test func `revocations on three servers are measured`() async throws {
        #expect(try await bench("revocations", ["2"]).contains("2 revocations under load"))
    }

    @Test func `reports are measured, and are the same on both engines`() async throws {
        let rows = try await bench("reports", [world.home, "3000"])
        #expect(rows.contains("usage report --by address"))
        #expect(rows.contains("audit verify"))
    }
}

enum Wrk {
    static let isThere = FileManager.default.isExecutableFile(atPath: "/usr/bin/wrk")
}
