import BursarFoundation
import BursarHTTP
import BursarModel
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// One operator and one researcher on this machine: a home, a database and the built programs, removed after the test.
final class World: Sendable {
    /// The home's name has a space and an umlaut, as real ones may.
    let home: String
    let database: String
    private let temporary: TemporaryFolder
    private var folder: String { temporary.path.string }
    private let transport = HTTPTransport()

    init() throws {
        temporary = try TemporaryFolder()
        let folder = temporary.path.string
        home = folder + "/Ada Lövelace"
        database = folder + "/state/bursar.sqlite"
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
    }

    /// An environment without the machine's AWS settings, home and database.
    var environment: [String: String] {
        [
            "PATH": Checkout.root + ".venv/bin:/usr/local/bin:/usr/bin:/bin", "HOME": home, "LC_ALL": "C.UTF-8",
            "TMPDIR": folder, "BURSAR_DATABASE": database, "AWS_EC2_METADATA_DISABLED": "true",
        ]
    }

    /// Runs `admin` with the words of `line`, then `more` unsplit.
    func admin(_ line: String, _ more: String...) async throws -> Program.Outcome {
        try await run(Checkout.program("admin"), words(line) + more)
    }

    /// Runs `creds` with the words of `line` as arguments.
    func creds(_ line: String, input: String = "") async throws -> Program.Outcome {
        try await run(Checkout.program("creds"), words(line), input: input)
    }

    /// Runs a program of the checkout's virtual environment.
    func peer(_ name: String, _ arguments: [String], _ changes: [String: String] = [:]) async throws -> Program.Outcome
    {
        try await run(Checkout.peer(name), arguments, changes)
    }

    func addResearcher(_ handle: String) async throws -> Program.Outcome {
        let details = ["--name", "Ada Lovelace", "--email", "ada@example.edu", "--project", "engines"]
        return try await run(Checkout.program("admin"), ["researchers", "add", handle] + details)
    }

    func run(
        _ path: String,
        _ arguments: [String],
        _ changes: [String: String] = [:],
        input: String = ""
    ) async throws -> Program.Outcome {
        let environment = environment.merging(changes) { $1 }
        return try await Program(path, environment: environment).run(arguments, input: input)
    }

    /// Creates a database with ada and a key of hers.
    func onboardAda() async throws -> ResearcherKey {
        try await succeeded(admin("database init"))
        try await succeeded(addResearcher("ada"))
        return try ResearcherKey(parsing: try await succeeded(admin("keys issue ada --label laptop")).output)
    }

    /// Issues another key to ada.
    func issueKey(_ options: String) async throws -> ResearcherKey {
        try ResearcherKey(parsing: try await succeeded(admin("keys issue ada " + options)).output)
    }

    /// Runs `body` with a running server; `prefix` has the words of a program that runs it.
    func serve<Result: Sendable>(
        _ settings: [String: String],
        prefix: [String] = [],
        arguments: [String] = ["serve"],
        announcement: String = "http://127.0.0.1:",
        body: (ChildServer) async throws -> Result
    ) async throws -> Result {
        let ports = ["BURSAR_HTTP_PORT": "0", "BURSAR_METRICS_PORT": "0", "BURSAR_LOG_FORMAT": "text"]
        let environment = environment.merging(settings) { $1 }.merging(ports) { $1 }
        return try await ChildServer.run(
            .path(FilePath("/bin/sh")),
            ["-c", "exec \"$0\" \"$@\" 2>&1"] + prefix + [Checkout.program("vending-server")] + arguments,
            environment: Self.replacing(environment),
            announcement: announcement,
            body: body
        )
    }

    /// Runs `body` with moto as AWS, its authentication on, and with the server's settings for it.
    func withMoto<Result: Sendable>(body: (_ settings: [String: String]) async throws -> Result) async throws -> Result
    {
        try await ChildServer.run(
            .path(FilePath("/bin/sh")),
            ["-c", "exec \"$0\" \"$@\" 2>&1", Checkout.peer("moto_server"), "-H", "127.0.0.1", "-p", "0"],
            environment: Self.replacing(environment),
            announcement: "http://127.0.0.1:"
        ) { moto in
            let account = try await succeeded(peer("python", [Checkout.root + "Scripts/moto-account.py", moto.url]))
            let settings = account.output.split(separator: "\n").map { line in
                line.split(separator: "=", maxSplits: 1).map(String.init)
            }
            return try await body(Dictionary(uniqueKeysWithValues: settings.map { ($0[0], $0[1]) }))
        }
    }

    /// Runs `body` with an STS that misbehaves on command.
    func withMisbehavingSTS<Result: Sendable>(body: (MisbehavingSTS) async throws -> Result) async throws -> Result {
        let script = Checkout.root + "Tests/EndToEndTests/Peers/sts.py"
        return try await ChildServer.run(
            .path(FilePath(Checkout.peer("python"))),
            [script],
            environment: Self.replacing(environment)
        ) { sts in
            try await body(MisbehavingSTS(url: sts.url, world: self))
        }
    }

    func get(_ url: String, key: Secret<String>? = nil) async throws -> HTTPClientResponse {
        let headers = key.map { [(name: "x-api-key", value: $0.reveal())] } ?? []
        return try await transport.send(.patient(url: url, headers: headers))
    }

    /// Runs a program of `Tests/Benchmarks/Server` to its end and returns what it reports.
    func load<Figures: Decodable>(_ script: String, _ arguments: [String]) async throws -> Figures {
        let path = Checkout.root + "Tests/Benchmarks/Server/\(script).py"
        let report = try await succeeded(run("/usr/bin/env", ["python3", path] + arguments)).output
        return try JSONDecoder().decode(Figures.self, from: Data(report.utf8))
    }

    /// The error response of a server, and its status.
    func refusal(_ url: String, key: Secret<String>? = nil) async throws -> String? {
        let answer = try await get(url, key: key)
        guard answer.status != 200 else { return nil }
        return try JSONDecoder().decode(ErrorResponse.self, from: answer.body).error
    }

    /// Replaces the test's own environment, so that children get only what is named.
    static func replacing(_ environment: [String: String]) -> [Environment.Key: String?] {
        var changes: [Environment.Key: String?] = [:]
        for name in ProcessInfo.processInfo.environment.keys {
            changes[Environment.Key(stringLiteral: name)] = .some(nil)
        }
        for (name, value) in environment { changes[Environment.Key(stringLiteral: name)] = value }
        return changes
    }
}

/// Splits text at single spaces.
func words(_ line: String) -> [String] {
    line.split(separator: " ").map(String.init)
}

/// Fails the test with the program's output unless it succeeded.
@discardableResult
func succeeded(_ outcome: Program.Outcome) throws -> Program.Outcome {
    try #require(outcome.isSuccess, "\(outcome.errors)")
    return outcome
}

/// `Peers/sts.py`, controlled by the test.
struct MisbehavingSTS {
    let url: String
    let world: World

    /// The server's settings for it.
    var settings: [String: String] {
        [
            "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI",
            "AWS_ENDPOINT_URL_STS": url, "BURSAR_REGION": "us-east-1",
            "BURSAR_ROLE_ARN": "arn:aws:iam::123456789012:role/bedrock",
        ]
    }

    func set(_ mode: String) async throws {
        _ = try await world.get("\(url)/mode/\(mode)")
    }

    func calls() async throws -> Int {
        try await number("calls")
    }

    /// The number of calls for the key that had most; the server must tag its sessions.
    func callsPerKey() async throws -> Int {
        try await number("calls-per-key")
    }

    private func number(_ path: String) async throws -> Int {
        Int(String(decoding: try await world.get("\(url)/\(path)").body, as: UTF8.self)) ?? -1
    }

    /// Returns once `count` calls have arrived.
    func waitForCalls(_ count: Int) async throws {
        try await Waiting.until("\(count) calls to STS") { try await calls() >= count }
    }
}
