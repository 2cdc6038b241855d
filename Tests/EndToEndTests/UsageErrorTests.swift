import BursarModel
import TestSupport
import Testing

/// The three programs refuse a command line alike: on stderr, with exit code 64.
@Suite struct UsageErrorTests {
    private func run(_ line: String) async throws -> Program.Outcome {
        let words = line.split(separator: " ").map(String.init)
        let environment = ["PATH": "/usr/bin:/bin", "HOME": "/nonexistent"]
        return try await Program(Checkout.program(words[0]), environment: environment).run(Array(words.dropFirst()))
    }

    @Test(arguments: [
        ("creds instal", "creds has no command 'instal'", "did you mean creds install?"),
        ("creds Status", "creds has no command 'Status'", "did you mean creds status?"),
        ("creds show_token --format json", "creds has no command 'show_token'", "did you mean creds show-token?"),
        ("creds exce -- true", "creds has no command 'exce'", "did you mean creds exec?"),
        ("admin key list", "admin has no command 'key'", "did you mean admin keys?"),
        ("admin keys revok 5ty6 --yes", "admin keys has no command 'revok'", "did you mean admin keys revoke?"),
        ("admin researchers ad ada", "admin researchers has no command 'ad'", "did you mean admin researchers add?"),
        ("admin aws aply", "admin aws has no command 'aply'", "did you mean admin aws apply?"),
        ("admin frobnicate", "admin has no command 'frobnicate'", "admin --help"),
        ("admin keys frobnicate --help", "admin keys has no command 'frobnicate'", "admin keys --help"),
        ("vending-server chek", "vending-server has no command 'chek'", "did you mean vending-server check?"),
        ("vending-server start", "vending-server has no command 'start'", "vending-server --help"),
        // Help for an unknown command.
        ("admin help nosuch", "admin has no command 'nosuch'", "admin --help"),
        ("admin help keys lst", "admin keys has no command 'lst'", "did you mean admin keys list?"),
        ("admin keys help", "admin keys has no command 'help'", "admin keys --help"),
        ("admin help keys list more", "admin keys list has no command 'more'", "admin keys list --help"),
        ("creds help nosuch", "creds has no command 'nosuch'", "creds --help"),
        ("vending-server help sreve", "vending-server has no command 'sreve'", "did you mean vending-server serve?"),
        // A mistyped argument may be a secret.
        ("creds ABSKabcdef", "creds has no command 'ABSK…'", "creds --help"),
        // The parser's own errors.
        ("vending-server --frobnicate", "unknown option '--frobnicate'", "vending-server serve --help"),
        ("vending-server health --frobnicate", "unknown option '--frobnicate'", "vending-server health --help"),
        ("vending-server check extra", "unexpected argument 'extra'", "vending-server check --help"),
        ("vending-server dev --port 70000", "a port is 0 to 65535", "vending-server dev --help"),
        ("admin keys list extra", "unexpected argument 'extra'", "admin keys list --help"),
    ])
    func `what can't be meant is a problem and a hint`(line: String, problem: String, hint: String) async throws {
        let outcome = try await run(line)
        let program = line.prefix { $0 != " " }
        #expect(outcome.exitCode == 64)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors == "\(program): error: \(problem)\n\(program): hint: \(hint)\n")
    }

    @Test(arguments: [
        "creds help", "creds help exec", "creds --help", "creds exec --help", "creds --version", "admin", "admin keys",
        "admin help keys", "admin help keys list", "admin keys --help", "admin --version", "vending-server help",
        "vending-server --help", "vending-server help serve", "vending-server --version",
    ])
    func `help and version are no misuse`(line: String) async throws {
        let outcome = try await run(line)
        #expect(outcome.exitCode == 0)
        #expect(!outcome.output.isEmpty && outcome.errors.isEmpty, "\(outcome.errors)")
    }
}

@Suite struct VersionTests {
    @Test(arguments: ["admin", "creds", "vending-server"])
    func `each program says which Bursar it is`(program: String) async throws {
        let outcome = try await succeeded(World().run(Checkout.program(program), ["--version"]))
        #expect(outcome.output == Version.current + "\n")
    }
}
