import BursarModel
import Subprocess
import SystemPackage

/// Runs the command that prints a key; what else it says is not for anyone's screen.
struct KeyCommand: Sendable {
    let command: String

    /// Why there is no key.
    enum Failure: Error, Equatable {
        case notRun
        /// nil when a signal ended it.
        case failed(exitCode: Int?)
        case timedOut
    }

    /// What the command prints, white space at both ends removed.
    ///
    /// - Throws: ``Failure``, or `CancellationError`.
    func key(within limit: Duration) async throws -> Secret<String> {
        try await withThrowingTaskGroup(of: Secret<String>.self) { group in
            group.addTask { try await run() }
            group.addTask {
                try await Task.sleep(for: limit)
                throw Failure.timedOut
            }
            defer { group.cancelAll() }
            return try await group.next() ?? { throw Failure.notRun }()
        }
    }

    private func run() async throws -> Secret<String> {
        var options = PlatformOptions()
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .milliseconds(200))]
        do {
            let result = try await Subprocess.run(
                .path("/bin/sh"),
                arguments: ["-c", command],
                platformOptions: options,
                output: .string(limit: 4096),
                error: .discarded
            )
            switch result.terminationStatus {
            case .exited(0): break
            case .exited(let code): throw Failure.failed(exitCode: Int(code))
            case .signaled: throw Failure.failed(exitCode: nil)
            }
            return Secret(String(result.standardOutput.trimmingASCIIWhitespace()))
        } catch is SubprocessError {
            throw Failure.notRun
        }
    }
}
