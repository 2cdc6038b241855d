import Subprocess
import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A program that a test runs to its end.
package struct Program: Sendable {
    package let path: String
    package let environment: [String: String]
    private let limit: Duration

    /// How long a program may take: longer than any that is well, so that one that hangs fails its test and doesn't
    /// hold up the whole run.
    package static let limit = Duration.seconds(1800)

    /// A program that is given `environment` and inherits nothing; it is killed after `limit`.
    package init(_ path: String, environment: [String: String] = [:], limit: Duration = Self.limit) {
        self.path = path
        self.environment = environment
        self.limit = limit
    }

    /// A program that didn't end, and was killed.
    package struct HangError: Error {
        package let path: String
    }

    /// Its exit code and output.
    package struct Outcome: Sendable {
        /// nil when a signal ended it.
        package let exitCode: Int?
        package let output: String
        package let errors: String

        package var isSuccess: Bool { exitCode == 0 }
    }

    /// Runs it with `arguments` and `input`; at most 4 MiB of each stream are kept.
    ///
    /// - Throws: ``HangError`` when it takes longer than its limit.
    package func run(_ arguments: [String], input: String = "") async throws -> Outcome {
        try await withThrowingTaskGroup(of: Outcome?.self) { group in
            group.addTask { try await runToEnd(arguments, input) }
            group.addTask {
                try await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            guard let outcome = try await group.next() ?? nil else { throw HangError(path: path) }
            return outcome
        }
    }

    private func runToEnd(_ arguments: [String], _ input: String) async throws -> Outcome {
        let names = environment.keys.map(Environment.Key.init(stringLiteral:))
        let variables = Dictionary(uniqueKeysWithValues: zip(names, environment.values))
        let result = try await Subprocess.run(
            .path(FilePath(path)),
            arguments: Arguments(arguments),
            environment: .custom(variables),
            input: .fileDescriptor(try Self.file(holding: input), closeAfterSpawningProcess: true),
            output: .string(limit: 4 << 20),
            error: .string(limit: 4 << 20)
        )
        var exitCode: Int?
        if case .exited(let code) = result.terminationStatus { exitCode = Int(code) }
        return Outcome(
            exitCode: exitCode,
            output: result.standardOutput,
            errors: result.standardError
        )
    }

    /// A file that holds `input` and has no name any more.
    ///
    /// A program may end before it has read its input: swift-subprocess 1.0.2 traps when it is still writing then.
    private static func file(holding input: String) throws -> FileDescriptor {
        let name = "/tmp/bursar-input-" + String(UInt64.random(in: .min ... .max), radix: 16)
        let options: FileDescriptor.OpenOptions = [.create, .exclusiveCreate, .closeOnExec]
        let file = try FileDescriptor.open(name, .readWrite, options: options, permissions: .ownerReadWrite)
        unlink(name)
        try file.writeAll(input.utf8)
        try file.seek(offset: 0, from: .start)
        return file
    }
}
