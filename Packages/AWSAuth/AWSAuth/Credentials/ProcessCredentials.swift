import BursarCore
import Subprocess
import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Credentials that another program prints (`credential_process`).
///
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html. The command is split into words
/// and started without a shell; it gets this program's environment and an empty standard input, and one minute. What
/// it writes to standard error is read and dropped, as it may hold anything.
struct ProcessCredentials: CredentialProvider {
    static let method = "custom-process"
    let profile: String
    let words: [String]
    let environment: [String: String]
    /// The profile's account, where the program doesn't say.
    let accountID: String?
    let now: @Sendable () -> Date
    var timeout = Duration.seconds(60)

    /// Bytes of standard output; botocore has no limit, Java's is 64,000.
    static let longestOutput = 64_000

    func credentials() async throws -> AWSCredentials {
        let outcome = try await withThrowingTaskGroup(of: Outcome?.self) { group in
            group.addTask { try await run() }
            group.addTask {
                try await Task.sleep(for: timeout)
                return nil
            }
            let first = try await group.next() ?? nil
            group.cancelAll()
            return first
        }
        guard let outcome else { throw failed("it didn't end within \(timeout)") }
        guard outcome.isSuccess else { throw failed("it ended with a failure") }
        let parsed: CredentialProcessOutput
        do {
            parsed = try JSONDecoder().decode(CredentialProcessOutput.self, from: outcome.output)
        } catch {
            throw CredentialError.malformed(source: source, detail: CredentialText.problem(error))
        }
        if let end = parsed.credentials.expiration, end <= now() { throw CredentialError.ended(source: source) }
        return parsed.credentials(accountID: accountID)
    }

    private struct Outcome: Sendable {
        let isSuccess: Bool
        let output: Data
    }

    private var source: String { "\(Self.method) of profile \(profile)" }

    private func failed(_ detail: String) -> CredentialError {
        .failed(source: source, detail: detail)
    }

    private func run() async throws -> Outcome {
        guard let program = words.first else { throw failed("no command") }
        // A wrapper gets a second to end what it started itself: it shares our process group, as it may ask at the
        // terminal, so its own children can't be ended from here.
        var options = PlatformOptions()
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(1))]
        let variables = environment.map { (Environment.Key(stringLiteral: $0.key), $0.value) }
        do {
            let result = try await Subprocess.run(
                program.contains("/") ? .path(FilePath(program)) : .name(program),
                arguments: Arguments(Array(words.dropFirst())),
                environment: .custom(Dictionary(variables) { $1 }),
                platformOptions: options,
                output: .bytes(limit: Self.longestOutput),
                error: .discarded
            )
            return Outcome(isSuccess: result.terminationStatus.isSuccess, output: Data(result.standardOutput))
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw failed("it can't be run, or prints more than \(Self.longestOutput) bytes")
        }
    }
}
