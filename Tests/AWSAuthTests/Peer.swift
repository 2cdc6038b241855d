import Subprocess
import SystemPackage
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Programs that stand in for AWS or are what we are compared with, started by a test and ended with it.
enum Peer {
    static let folder = FilePath(#filePath).removingLastComponent()
    /// The checkout, where `.venv` has botocore and moto.
    static let root = folder.removingLastComponent().removingLastComponent()
    static var python: FilePath { root.appending(".venv/bin/python") }
    /// Whether `Scripts/` has made the Python environment.
    static var isThere: Bool { (try? python.stat()) != nil }

    /// Starts `Peers/aws_peer.py` on a free port, and ends it when `body` returns.
    static func withAWS<Result: Sendable>(
        _ body: @Sendable (_ base: String) async throws -> Result
    ) async throws -> Result {
        try await serving(["\(folder)/Peers/aws_peer.py"], body)
    }

    /// Runs a Python program that prints its port and serves until its standard input ends.
    static func serving<Result: Sendable>(
        _ arguments: [String],
        _ body: @Sendable (_ base: String) async throws -> Result
    ) async throws -> Result {
        let outcome = try await Subprocess.run(
            .path(python),
            arguments: Arguments(arguments),
            input: .inputWriter,
            output: .sequence,
            error: .discarded
        ) { execution in
            var port = ""
            for try await line in execution.standardOutput.strings() {
                port = line
                break
            }
            port = String(port.prefix { $0.isNumber })
            let result: Swift.Result<Result, any Error>
            do {
                result = .success(try await body("http://127.0.0.1:\(port)"))
            } catch {
                result = .failure(error)
            }
            try await execution.standardInputWriter.finish()
            return try result.get()
        }
        return outcome.closureResult
    }

    /// Runs a Python program to its end and returns what it prints.
    static func run(_ arguments: [String], input: [UInt8] = []) async throws -> Data {
        let result = try await Subprocess.run(
            .path(python),
            arguments: Arguments(arguments),
            input: .array(input),
            output: .bytes(limit: 16 << 20),
            error: .string(limit: 1 << 20)
        )
        try #require(result.terminationStatus.isSuccess, "\(result.standardError)")
        return Data(result.standardOutput)
    }
}

/// A folder that is gone after the test.
struct TemporaryFolder: ~Copyable {
    let path: FilePath

    init() throws {
        path = FilePath(FileManager.default.temporaryDirectory.path).appending("awsauth-\(UUID().uuidString)")
        try FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: true)
    }

    func write(_ text: String, to name: String) throws {
        try Self.write(text, to: path.string + "/" + name)
    }

    static func write(_ text: String, to path: String) throws {
        let folder = FilePath(path).removingLastComponent().string
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: path))
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path.string)
    }
}
