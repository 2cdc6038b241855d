package import Subprocess
import SystemPackage

/// A program that a test runs to its end.
package struct Program: Sendable {
    package let path: String
    package let environment: [String: String]

    /// - Parameter environment: everything it is given; nothing is inherited.
    package init(_ path: String, environment: [String: String] = [:]) {
        self.path = path
        self.environment = environment
    }

    /// What it left behind.
    package struct Outcome: Sendable {
        package let status: TerminationStatus
        package let output: String
        package let errors: String

        package var isSuccess: Bool { status.isSuccess }
    }

    /// Runs it with `arguments`; at most 4 MiB of each stream are kept.
    package func run(_ arguments: [String], input: String = "") async throws -> Outcome {
        let result = try await Subprocess.run(
            .path(FilePath(path)),
            arguments: Arguments(arguments),
            environment: .custom(environment.reduce(into: [:]) { $0[Environment.Key($1.key)] = $1.value }),
            input: .string(input),
            output: .string(limit: 4 << 20),
            error: .string(limit: 4 << 20)
        )
        return Outcome(
            status: result.terminationStatus,
            output: result.standardOutput,
            errors: result.standardError
        )
    }
}
