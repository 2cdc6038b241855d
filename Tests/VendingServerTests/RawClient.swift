import TestSupport
import Testing

/// `Peers/raw_client.py`: a client that speaks bytes.
enum RawClient {
    static func run(_ port: Int, _ arguments: [String], sending bytes: String) async throws -> String {
        let script = Checkout.root + "Tests/VendingServerTests/Peers/raw_client.py"
        let program = Program("/usr/bin/env", environment: ["PATH": "/usr/bin:/bin"])
        let outcome = try await program.run(["python3", script, "\(port)"] + arguments, input: bytes)
        try #require(outcome.isSuccess, "\(outcome.errors)")
        return outcome.output
    }
}
