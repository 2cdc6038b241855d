import BursarFoundation
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// `vending-server dev`, as a new user tries it.
@Suite struct DevTests {
    @Test func `the command that it prints hands out credentials, and has no key in its arguments`() async throws {
        let real = try RealServer()
        try await ChildServer.run(
            .path("/bin/sh"),
            ["-c", "exec \"$0\" dev --port 0 2>&1", Checkout.program("vending-server")],
            announcement: "Bursar is up at http://127.0.0.1:"
        ) { server in
            var key = ""
            var command = ""
            for await line in server.lines {
                if line.contains("bursar_") { key = line.filter { $0 != " " } }
                if line.contains("curl") { command = line }
                if line.contains("Ctrl-C") { break }
            }
            // A curl that prints its own arguments first, which `ps` shows to every user.
            let script = "curl() { echo \"arguments: $*\" >&2; command curl -s \"$@\"; }; " + command
            let outcome = try await real.run("/bin/sh", ["-c", script])
            #expect(outcome.output.contains("AccessKeyId"), "\(command): \(outcome.output)")
            #expect(outcome.errors.contains("arguments: -H @-"))
            #expect(!key.isEmpty && !outcome.errors.contains(key))
        }
    }
}
