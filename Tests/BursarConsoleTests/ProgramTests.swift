import TestSupport
import Testing

/// The way in which tests run programs.
struct ProgramTests {
    @Test func `a program that hangs fails its test, and is killed`() async throws {
        let hangs = Program("/bin/sh", environment: ["PATH": "/usr/bin:/bin"], limit: .milliseconds(200))
        await #expect(throws: Program.HangError.self) { try await hangs.run(["-c", "exec sleep 100000"]) }
    }

    @Test func `a program that ends in time is left alone`() async throws {
        let outcome = try await Program("/bin/sh").run(["-c", "printf x; exit 3"])
        #expect(outcome.output == "x" && outcome.exitCode == 3)
    }
}
