import BursarFoundation
import BursarModel
import Subprocess
import SystemPackage

/// Credentials that another program prints (`credential_process`).
///
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html. The command is split into words
/// and started without a shell; it gets this program's environment and an empty standard input, and one minute. What
/// it writes to standard error is read and dropped, as it may hold anything. A program that asks for the same profile
/// again gets an error at its second turn, whatever lies between: see ``ProfilesUnderWay``.
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
        let environment = try ProfilesUnderWay.environment(environment, entering: profile)
        let outcome = try await withThrowingTaskGroup(of: Outcome?.self) { group in
            group.addTask { try await run(environment) }
            group.addTask {
                try await Task.sleep(for: timeout)
                return nil
            }
            let first = try await group.next() ?? nil
            group.cancelAll()
            return first
        }
        guard let outcome else { throw failed("it didn't end within \(timeout)") }
        guard outcome.status.isSuccess else { throw failed(problem(outcome.status)) }
        let parsed: CredentialProcessOutput
        do {
            parsed = try JSONDecoder().decode(CredentialProcessOutput.self, from: outcome.output)
        } catch {
            throw CredentialError.malformed(source: source, detail: CredentialCharacters.problem(error))
        }
        if let end = parsed.credentials.expiration, end <= now() { throw CredentialError.ended(source: source) }
        return parsed.credentials(accountID: accountID)
    }

    private struct Outcome: Sendable {
        let status: TerminationStatus
        let output: Data
    }

    private var source: String { "\(Self.method) of profile \(profile)" }

    private func failed(_ detail: String) -> CredentialError {
        .failed(source: source, detail: detail)
    }

    private func problem(_ status: TerminationStatus) -> String {
        let end =
            switch status {
            case .exited(let code): "ended with exit code \(code)"
            case .signaled(let signal): "was ended by signal \(signal)"
            }
        let namesItself = words.dropFirst().contains { $0 == profile || $0.hasSuffix("=\(profile)") }
        let advice = namesItself ? "does it ask for profile \(profile) itself?" : "run it by itself to see why"
        return "\(CredentialCharacters.shown(words[0])) \(end); \(advice)"
    }

    private func run(_ environment: [String: String]) async throws -> Outcome {
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
            return Outcome(status: result.terminationStatus, output: Data(result.standardOutput))
        } catch is CancellationError {
            throw CancellationError()
        } catch let error as SubprocessError where error.code == .outputLimitExceeded {
            throw failed("\(CredentialCharacters.shown(program)) prints more than \(Self.longestOutput) bytes")
        } catch {
            throw failed("\(CredentialCharacters.shown(program)) can't be started: \(Self.reason(error))")
        }
    }

    private static func reason(_ error: any Error) -> String {
        guard let error = error as? SubprocessError else { return "unknown" }
        guard let errno = error.underlyingError else {
            return error.code == .executableNotFound ? "it isn't there, or isn't executable" : "unknown"
        }
        return "\(errno.description.lowercased()) (errno \(errno.rawValue))"
    }
}

/// The profiles whose programs are running, each started by the one before, as a variable of the environment tells them.
///
/// A `credential_process` that asks for its own profile would otherwise start itself until it is stopped. AWS's CLI has
/// such a variable, `_AWS_CLI_PROFILE_CHAIN`, for the same.
enum ProfilesUnderWay {
    static let variable = "_BURSAR_PROFILES_UNDER_WAY"

    /// What decides which profile a name means.
    private static let files = ["HOME", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"]

    /// The environment for the program of `profile`.
    ///
    /// - Throws: ``CredentialError/loop(_:)`` when that program is running already.
    static func environment(
        _ environment: [String: String],
        entering profile: String
    ) throws(CredentialError) -> [String: String] {
        let entry = ([profile] + files.map { environment[$0] ?? "" }).map { PercentEncoding.encode($0) }
            .joined(separator: ":")
        let running = environment[variable, default: ""].split(separator: " ").map(String.init)
        guard !running.contains(entry) else {
            throw .loop(running.map { PercentEncoding.decode($0.prefix { $0 != ":" }) ?? "" } + [profile])
        }
        return environment.merging([variable: (running + [entry]).joined(separator: " ")]) { $1 }
    }
}
