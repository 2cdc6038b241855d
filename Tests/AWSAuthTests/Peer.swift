import AWSTestSupport
import BursarFoundation
import Subprocess
import SystemPackage
import TestSupport
import Testing

extension Peer {
    static let folder = FilePath(#filePath).removingLastComponent().appending("Peers")

    /// Starts `Peers/aws_peer.py` on a free port, and ends it when `body` returns.
    static func withAWS<Result: Sendable>(_ body: (_ base: String) async throws -> Result) async throws -> Result {
        try await ChildServer.run(.path(FilePath(python)), ["\(folder)/aws_peer.py"]) { try await body($0.url) }
    }

    /// Runs one of the Python programs to its end and returns what it prints.
    static func run(_ program: String, _ arguments: [String] = []) async throws -> Data {
        let outcome = try await Program(python, environment: ["PATH": "/usr/bin:/bin"])
            .run(["\(folder)/\(program)"] + arguments)
        try #require(outcome.isSuccess, "\(outcome.errors)")
        return Data(outcome.output.utf8)
    }

    /// Returns the source that botocore finds in each environment.
    static func botocore(_ cases: [ChainCase]) async throws -> [ChainOutcome] {
        let folder = try TemporaryFolder()
        let path = folder.path.appending("cases.json").string
        try JSONEncoder().encode(cases).write(to: URL(filePath: path))
        return try JSONDecoder().decode([ChainOutcome].self, from: try await run("botocore_chain.py", [path]))
    }
}
