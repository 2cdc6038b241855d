import BursarFoundation
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// An AWS account played by moto, an operator with a home of their own, and the built `admin`.
final class Account: Sendable {
    struct Key: Decodable, Sendable {
        let id: String
        let secret: String
    }

    private struct Terms: Decodable {
        let `operator`: Key
        let clerk: Key
        let reader: Key
        let bedrock: String
    }

    static var isThere: Bool { FileManager.default.fileExists(atPath: Checkout.peer("python")) }

    let home: String
    let url: String
    private let terms: Terms

    private init(home: String, url: String, terms: Terms) {
        self.home = home
        self.url = url
        self.terms = terms
    }

    /// Runs `body` with an account that has users and keys, and checks signatures and policies.
    static func with(_ body: (Account) async throws -> Void) async throws {
        let home = try TemporaryFolder()
        let script = Checkout.root + "Tests/AdminTests/Peers/moto_iam.py"
        try await ChildServer.run(.path(FilePath(Checkout.peer("python"))), [script]) { server in
            var lines = server.lines.makeAsyncIterator()
            let line = try #require(await lines.next())
            let terms = try JSONDecoder().decode(Terms.self, from: Data(line.utf8))
            try await body(Account(home: home.path.string, url: server.url, terms: terms))
        }
    }

    var clerk: [String: String] {
        ["AWS_ACCESS_KEY_ID": terms.clerk.id, "AWS_SECRET_ACCESS_KEY": terms.clerk.secret]
    }

    /// May look at roles, and change nothing.
    var reader: [String: String] {
        ["AWS_ACCESS_KEY_ID": terms.reader.id, "AWS_SECRET_ACCESS_KEY": terms.reader.secret]
    }

    /// Where models can be listed, and where that is denied.
    var bedrock: [String: String] { ["AWS_ENDPOINT_URL_BEDROCK": terms.bedrock] }
    var deniedBedrock: [String: String] { ["AWS_ENDPOINT_URL_BEDROCK": terms.bedrock + "/denied"] }

    /// Each secret that may never be shown.
    var secrets: [String] { [terms.operator.secret, terms.clerk.secret] }

    /// `admin`, as the operator unless `changes` say otherwise; an empty value takes a variable away.
    func admin(_ words: String..., changes: [String: String] = [:]) async throws -> Program.Outcome {
        try await run(Checkout.program("admin"), words.flatMap { $0.split(separator: " ").map(String.init) }, changes)
    }

    /// The AWS CLI's `iam` as the operator; what it prints as text.
    func iam(_ line: String) async throws -> String {
        let outcome = try await run(Checkout.peer("aws"), ["iam"] + line.split(separator: " ").map(String.init), [:])
        try #require(outcome.isSuccess, "\(outcome.errors)")
        return outcome.output
    }

    func secret(_ name: String) async throws -> [String: String] {
        let words = ["secretsmanager", "get-secret-value", "--secret-id", name, "--query", "SecretString"]
        let outcome = try await run(Checkout.peer("aws"), words, [:])
        return try JSONDecoder().decode([String: String].self, from: Data(outcome.output.utf8))
    }

    /// The operator's: their home, their database, their key.
    var environment: [String: String] {
        [
            "PATH": "/usr/bin:/bin", "HOME": home, "LC_ALL": "C.UTF-8", "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": url, "AWS_DEFAULT_REGION": "us-east-1", "AWS_DEFAULT_OUTPUT": "text",
            "AWS_ACCESS_KEY_ID": terms.operator.id, "AWS_SECRET_ACCESS_KEY": terms.operator.secret,
            "BURSAR_DATABASE": home + "/state/bursar.sqlite",
        ]
    }

    func run(_ path: String, _ words: [String], _ changes: [String: String]) async throws -> Program.Outcome {
        let environment = environment.merging(changes) { $1 }.filter { !$0.value.isEmpty }
        return try await Program(path, environment: environment).run(words)
    }

    /// A key as it was printed in the form of `env`.
    static func key(_ text: String) -> [String: String] {
        let pairs = text.split(separator: "\n").map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
        return Dictionary(pairs.filter { $0.count == 2 }.map { ($0[0], $0[1]) }) { first, _ in first }
    }
}

extension Program.Outcome {
    /// True for a proper refusal: exit 1, or 64 for a value that can't be meant; one problem, nothing on stdout.
    var isRefusal: Bool {
        (exitCode == 1 || exitCode == 64) && output.isEmpty && errors.contains("admin: error: ")
    }
}
