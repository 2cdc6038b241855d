import BursarFoundation
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// An operator of stacks with a home of their own, the built `admin`, and what plays AWS for it.
struct StackAccount: Sendable {
    struct Key: Decodable, Sendable {
        let id: String
        let secret: String
    }

    private struct Terms: Decodable {
        let `operator`: Key
        let clerk: Key
        let metadata: String
    }

    static let number = "123456789012"

    let home: String
    let url: String
    /// The metadata service of an instance with the stack's instance profile; empty where there is none.
    let metadata: String
    private let operatorsKey: Key
    private let clerksKey: Key

    /// Runs `body` with an empty account in moto, which checks signatures and policies.
    static func withMoto(_ body: (StackAccount) async throws -> Void) async throws {
        try await with(Checkout.peer("python"), "moto_stack.py") { server, home in
            var lines = server.lines.makeAsyncIterator()
            let line = try #require(await lines.next())
            let terms = try JSONDecoder().decode(Terms.self, from: Data(line.utf8))
            try await body(
                StackAccount(
                    home: home,
                    url: server.url,
                    metadata: terms.metadata,
                    operatorsKey: terms.operator,
                    clerksKey: terms.clerk
                )
            )
        }
    }

    /// Runs `body` with a CloudFormation that is in the state that `story` names; `Peers/cloudformation.py` has them.
    static func with(story: String, _ body: (StackAccount) async throws -> Void) async throws {
        try await with("/usr/bin/env", "cloudformation.py") { server, home in
            let key = Key(id: "AKIAIOSFODNN7EXAMPLE", secret: "wJalrXUtnFEMI")
            try await body(
                StackAccount(
                    home: home,
                    url: "\(server.url)/\(story)",
                    metadata: "",
                    operatorsKey: key,
                    clerksKey: key
                )
            )
        }
    }

    private static func with(
        _ python: String,
        _ script: String,
        _ body: (ChildServer, String) async throws -> Void
    ) async throws {
        let home = try TemporaryFolder()
        let path = Checkout.root + "Tests/AdminTests/Peers/" + script
        let words = python.hasSuffix("env") ? ["python3", path] : [path]
        try await ChildServer.run(.path(FilePath(python)), words) { try await body($0, home.path.string) }
    }

    var environment: [String: String] {
        [
            "PATH": "/usr/bin:/bin", "HOME": home, "LC_ALL": "C.UTF-8", "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": url, "AWS_DEFAULT_REGION": "us-east-1", "AWS_DEFAULT_OUTPUT": "json",
            "AWS_ACCESS_KEY_ID": operatorsKey.id, "AWS_SECRET_ACCESS_KEY": operatorsKey.secret,
        ]
    }

    /// The variables of an operator who may only read.
    var clerk: [String: String] {
        ["AWS_ACCESS_KEY_ID": clerksKey.id, "AWS_SECRET_ACCESS_KEY": clerksKey.secret]
    }

    /// `admin aws`, as the operator unless `changes` say otherwise; an empty value takes a variable away.
    func aws(_ line: String, changes: [String: String] = [:]) async throws -> Program.Outcome {
        try await run(Checkout.program("admin"), ["aws"] + words(line), changes)
    }

    /// The AWS CLI as the operator, in JSON.
    func cli(_ line: String) async throws -> String {
        let outcome = try await run(Checkout.peer("aws"), words(line))
        try #require(outcome.isSuccess, "\(outcome.errors)")
        return outcome.output
    }

    /// The calls that a story was asked, in order.
    func calls() async throws -> [String] {
        let outcome = try await run("/usr/bin/curl", ["-sS", url + "/calls"])
        return outcome.output.split(separator: "\n").map(String.init)
    }

    /// `admin aws` in a real terminal emulator; its screen at each step.
    func screens(_ steps: [String], _ line: String) async throws -> [String] {
        let path = Checkout.root + "Tests/AdminTests/Peers/tmux.py"
        let fixed = ["python3", path, home + "/tmux", "160", "40"] + steps + ["--"]
        let outcome = try await run("/usr/bin/env", fixed + [Checkout.program("admin"), "aws"] + words(line))
        try #require(outcome.isSuccess, "\(outcome.errors)")
        return try JSONDecoder().decode([String].self, from: Data(outcome.output.utf8))
    }

    func run(_ path: String, _ words: [String], _ changes: [String: String] = [:]) async throws -> Program.Outcome {
        let environment = environment.merging(changes) { $1 }.filter { !$0.value.isEmpty }
        return try await Program(path, environment: environment).run(words)
    }

    private func words(_ line: String) -> [String] { line.split(separator: " ").map(String.init) }
}
