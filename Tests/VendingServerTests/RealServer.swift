import BursarFoundation
import BursarModel
import SQLiteStore
import Storage
import Subprocess
import SystemPackage
import TestSupport
import Testing
import Vending

/// The built `vending-server` as a child process, with a database of its own, one researcher and one key.
struct RealServer {
    let key: ResearcherKey
    private let temporary: TemporaryFolder
    var folder: String { temporary.path.string }

    init() throws {
        temporary = try TemporaryFolder()
        let store = try Store(creating: temporary.path.appending("bursar.sqlite").string)
        var random = SystemRandomNumberGenerator()
        key = ResearcherKey(using: &random)
        let ada = try #require(Handle("ada"))
        let now = Date()
        _ = try store.administration.add(
            Researcher(handle: ada, name: "Ada", email: "a@b", project: "engines"),
            by: AuditContext(actor: "test", date: now)
        )
        let parameters = Argon2Parameters(memoryKiB: 64, passes: 1, lanes: 1)
        let hash = try PasswordHash(of: key.text, parameters: parameters, using: &random)
        let end = now.addingTimeInterval(86_400)
        _ = try store.administration.add(
            NewKey(
                id: key.id,
                hash: hash,
                researcher: ada,
                label: nil,
                expires: end
            ),
            by: AuditContext(actor: "test", date: now)
        )
    }

    var environment: [String: String] {
        [
            "BURSAR_DATABASE": folder + "/bursar.sqlite", "BURSAR_ISSUER": "simulated", "BURSAR_HTTP_PORT": "0",
            "BURSAR_METRICS_PORT": "0", "HOME": folder, "PATH": "/usr/bin:/bin",
        ]
    }

    /// Runs `body` with the running server; its log is in ``ChildServer/lines``.
    func serve<Result: Sendable>(
        _ changes: [String: String] = [:],
        scheme: String = "http",
        body: (ChildServer) async throws -> Result
    ) async throws -> Result {
        let clear = ProcessInfo.processInfo.environment.mapValues { _ -> String? in nil }
        let all = clear.merging(environment.merging(changes) { $1 }.mapValues { $0 }) { $1 }
        let names = all.keys.map(Environment.Key.init(stringLiteral:))
        return try await ChildServer.run(
            .path("/bin/sh"),
            ["-c", "exec \"$0\" \"$@\" 2>&1", Checkout.program("vending-server"), "serve"],
            environment: Dictionary(uniqueKeysWithValues: zip(names, all.values)),
            announcement: "\(scheme)://127.0.0.1:",
            body: body
        )
    }

    /// A port without a listener.
    static func freePort() async throws -> Int {
        let script = "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); print(s.getsockname()[1])"
        let python = Program("/usr/bin/env", environment: ["PATH": "/usr/bin:/bin"])
        let outcome = try await python.run(["python3", "-c", script])
        return try #require(Int(outcome.output.filter(\.isNumber)))
    }

    /// Runs another program to its end.
    func run(_ path: String, _ arguments: [String], input: String = "") async throws -> Program.Outcome {
        try await Program(path, environment: environment).run(arguments, input: input)
    }

    /// Writes a file into the folder, by default readable by its owner only.
    @discardableResult
    func write(_ text: String, to name: String, mode: Int = 0o600) throws -> String {
        try temporary.write(text, to: name, mode: mode).string
    }
}

/// `Peers/raw_client.py`: a client that speaks bytes.
enum RawClient {
    static func run(_ port: Int, _ arguments: [String], sending bytes: String) async throws -> String {
        let script = Checkout.root + "Tests/VendingServerTests/Peers/raw_client.py"
        let program = Program("/usr/bin/env", environment: ["PATH": "/usr/bin:/bin"])
        let outcome = try await program.run(["python3", script, "\(port)"] + arguments, input: bytes)
        try #require(outcome.isSuccess, "\(outcome.errors)")
        return outcome.output
    }
}
