#if os(Linux)
import TestSupport
import Testing

/// The programs on systems that lack what their threads need: one error, never a signal.
@Suite struct ProcessNeedsTests {
    private static let commands = [
        ["creds", "doctor"], ["creds", "status"], ["creds", "process"], ["creds", "token"], ["creds", "--version"],
        ["admin", "keys", "list"], ["admin", "keys", "revoke", "5ty6aekgn7mh", "--reason", "stolen", "--yes"],
        ["admin", "--help"], ["vending-server", "check"], ["vending-server", "serve"], ["vending-server", "dev"],
        ["vending-server", "health"],
    ]

    private func program(_ name: String) -> Program {
        Program(Checkout.program(name), environment: ["PATH": "/usr/bin:/bin", "HOME": "/nonexistent"])
    }

    /// Several times each: libdispatch ended some of the starts only.
    @Test(.enabled { await Namespaces.areAllowed() }, arguments: commands)
    func `without /proc each program says so and fails`(command: [String]) async throws {
        for _ in 0..<5 {
            let outcome = try await Namespaces.runWithoutProc(program(command[0]), Array(command.dropFirst()))
            #expect(outcome.exitCode == 1)
            #expect(outcome.errors.hasPrefix("\(command[0]): error: /proc doesn't show this process\n"))
            #expect(outcome.errors.split(separator: "\n").count == 2)
            // The script that removes an old token in a shell that evaluates it.
            #expect(outcome.output.isEmpty || command == ["creds", "token"])
        }
    }

    @Test(.enabled { await Namespaces.areAllowed() })
    func `creds exec fails as itself where it can't start`() async throws {
        let outcome = try await Namespaces.runWithoutProc(program("creds"), ["exec", "--", "true"])
        #expect(outcome.exitCode == 125)
        #expect(outcome.output.isEmpty)
    }

    @Test(arguments: commands, [12, 31])
    func `with hardly any open files each program says so and fails`(command: [String], limit: Int) async throws {
        let name = Checkout.program(command[0])
        let outcome = try await Program("/usr/bin/prlimit", environment: program(command[0]).environment)
            .run(["--nofile=\(limit):\(limit)", name] + command.dropFirst())
        #expect(outcome.exitCode == 1)
        #expect(outcome.errors.hasPrefix("\(command[0]): error: too few open files: \(limit); 32 is the least\n"))
        #expect(outcome.errors.contains("\n\(command[0]): hint: ulimit -n 1024"))
    }

    @Test func `thirty-two open files are enough for a command`() async throws {
        let outcome = try await Program("/usr/bin/prlimit", environment: program("admin").environment)
            .run(["--nofile=32:32", Checkout.program("admin"), "keys", "list"])
        #expect(outcome.exitCode == 1)
        #expect(outcome.errors.contains("there is no database"))
    }
}
#endif
