import BursarFoundation
import BursarModel
import Subprocess
import SystemPackage

/// Credentials that another program prints (`credential_process`).
///
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html. The command is split into words
/// and started without a shell; it gets this program's environment and an empty standard input, and one minute. What
/// it writes to standard error is read and dropped, as it may hold anything. A program that asks for the same profile
/// again gets an error at its second turn: see ``ProfilesUnderWay``.
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

/// The profiles whose programs are running, each started by the one before, as a variable of the environment tells
/// them.
///
/// A `credential_process` that asks for its own profile would otherwise start itself until it is stopped. AWS's CLI has
/// such a variable, `_AWS_CLI_PROFILE_CHAIN`, for the same.
enum ProfilesUnderWay {
    static let variable = "_BURSAR_PROFILES_UNDER_WAY"

    /// The variables that decide which profile a name means.
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

/// The output of a `credential_process`; token, expiration and account are optional.
struct CredentialProcessOutput: Decodable {
    let credentials: AWSCredentials

    private enum CodingKeys: String, CodingKey {
        case version = "Version"
        case accessKeyID = "AccessKeyId"
        case secretAccessKey = "SecretAccessKey"
        case sessionToken = "SessionToken"
        case expiration = "Expiration"
        case accountID = "AccountId"
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        guard try fields.decode(Int.self, forKey: .version) == 1 else {
            throw DecodingError.dataCorruptedError(forKey: .version, in: fields, debugDescription: "not 1")
        }
        let token = try fields.decodeIfPresent(String.self, forKey: .sessionToken).flatMap { $0.isEmpty ? nil : $0 }
        guard token.map(CredentialCharacters.isPlain) ?? true else {
            throw DecodingError.dataCorruptedError(forKey: .sessionToken, in: fields, debugDescription: "not plain")
        }
        let expiration = try fields.decodeIfPresent(String.self, forKey: .expiration)
        let date = expiration.flatMap { Timestamp.date($0) }
        guard (expiration == nil) == (date == nil) else {
            throw DecodingError.dataCorruptedError(forKey: .expiration, in: fields, debugDescription: "not a time")
        }
        credentials = AWSCredentials(
            accessKeyID: try CredentialCharacters.plain(fields, .accessKeyID),
            secretAccessKey: Secret(try CredentialCharacters.plain(fields, .secretAccessKey)),
            sessionToken: token.map { Secret($0) },
            expiration: date,
            accountID: try Self.account(fields)
        )
    }

    /// Twelve digits, which some programs print as a number, and lose the zeros before it.
    private static func account(_ fields: KeyedDecodingContainer<CodingKeys>) throws -> String? {
        guard let number = try? fields.decodeIfPresent(Int64.self, forKey: .accountID) else {
            return try fields.decodeIfPresent(String.self, forKey: .accountID)
        }
        guard (0..<1_000_000_000_000).contains(number) else {
            throw DecodingError.dataCorruptedError(forKey: .accountID, in: fields, debugDescription: "not an account")
        }
        let digits = String(number)
        return String(repeating: "0", count: 12 - digits.count) + digits
    }

    /// The credentials with an account from elsewhere, unless the program named one.
    func credentials(accountID: String?) -> AWSCredentials {
        AWSCredentials(
            accessKeyID: credentials.accessKeyID,
            secretAccessKey: credentials.secretAccessKey,
            sessionToken: credentials.sessionToken,
            expiration: credentials.expiration,
            accountID: credentials.accountID ?? accountID
        )
    }
}
