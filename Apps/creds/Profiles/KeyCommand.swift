import BursarModel
import Subprocess
import SystemPackage

/// Runs the command that prints a key; its other output is discarded.
struct KeyCommand: Sendable {
    let command: String

    /// A reason why the command gave no key.
    enum Failure: Error, Equatable {
        case notRun
        /// The exit code; nil when a signal ended the command.
        case failed(exitCode: Int?)
        case timedOut
    }

    /// The command's output, without white space at both ends.
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

extension KeySource {
    /// The time the user has to unlock a password manager, where no client is waiting.
    static let timeout = Duration.seconds(60)

    /// The key itself.
    ///
    /// - Throws: `PastedKey.ParseError`, ``KeyCommand/Failure``, or `CancellationError`.
    func key(within limit: Duration) async throws -> ResearcherKey {
        switch self {
        case .stored(let text): try PastedKey.read(text.reveal())
        case .command(let command): try PastedKey.read(await KeyCommand(command: command).key(within: limit).reveal())
        }
    }
}
