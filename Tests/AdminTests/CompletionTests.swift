import TestSupport
import Testing

/// `admin completions`, in the shells themselves.
@Suite struct CompletionTests {
    private let environment = ["PATH": "\(Checkout.program("")):/usr/bin:/bin", "HOME": "/nonexistent"]

    private func script(_ shell: String) async throws -> String {
        let outcome = try await Program(Checkout.program("admin"), environment: environment)
            .run(["completions", shell])
        #expect(outcome.isSuccess && outcome.errors.isEmpty)
        return outcome.output
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func `each shell reads its script`(shell: String) async throws {
        let outcome = try await Program("/usr/bin/env", environment: environment)
            .run([shell, "-n"], input: try await script(shell))
        #expect(outcome.isSuccess, "\(outcome.errors)")
        #expect(outcome.errors.isEmpty)
    }

    @Test(arguments: [
        ("admin rese", ["researchers"]), ("admin vending ", ["pause", "resume"]),
        ("admin keys list --for", ["--format"]),
        ("admin keys list --format ", ["csv", "json", "table"]),
    ])
    func `bash completes commands, options and values`(line: String, expected: [String]) async throws {
        let offered = try await bash(line)
        #expect(offered.filter { !$0.hasPrefix("-") || line.contains("--") } == expected)
    }

    @Test(arguments: [
        ("admin researchers show a", ["ada"]), ("admin keys issue ", ["ada", "bob"]),
        ("admin usage report --researcher b", ["bob"]), ("admin usage report --project en", ["engines"]),
        ("admin researchers list --project ", ["bernoulli: numbers", "engines"]),
    ])
    func `handles and projects come from the database`(line: String, expected: [String]) async throws {
        let home = try OperatorHome()
        try await home.addAda()
        let bob = ["--name", "Bob", "--email", "b@example.edu", "--project", "bernoulli: numbers"]
        let added = try await Program(Checkout.program("admin"), environment: ["BURSAR_DATABASE": home.database])
            .run(["researchers", "add", "bob"] + bob)
        #expect(added.isSuccess)
        let found = try await bash(line, ["BURSAR_DATABASE": home.database])
        #expect(found.map { $0.replacing("\\", with: "") }.filter { !$0.hasPrefix("-") } == expected)
    }

    @Test func `ids of keys come from the database that the line names`() async throws {
        let home = try OperatorHome()
        try await home.addAda()
        let id = try await home.issueKey()
        #expect(try await bash("admin keys revoke --database \(home.database) \(id.prefix(2))") == [id])
        #expect(try await bash("admin keys show --database=\(home.database) \(id.prefix(2))") == [id])
        #expect(try await bash("admin whatif ada --key \(id.prefix(2))", ["BURSAR_DATABASE": home.database]) == [id])
    }

    @Test func `without a database there are no offers and no errors`() async throws {
        #expect(try await bash("admin researchers show a") == [])
    }

    /// The completions that bash would offer, in order.
    private func bash(_ line: String, _ more: [String: String] = [:]) async throws -> [String] {
        let end = #"""

            COMP_LINE=$1 COMP_POINT=${#1} COMP_TYPE=9
            read -ra COMP_WORDS <<<"$1"
            case $1 in *' ') COMP_WORDS+=("") ;; esac
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _admin admin "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
            printf '%s\n' "${COMPREPLY[@]}"
            """#
        let outcome = try await Program("/bin/bash", environment: environment.merging(more) { $1 })
            .run(["-c", try await script("bash") + end, "bash", line])
        #expect(outcome.errors.isEmpty)
        return outcome.output.split(separator: "\n").map { String($0.drop { $0 == " " }) }.sorted()
    }

    @Test func `another shell is refused`() async throws {
        let refused = try await Program(Checkout.program("admin"), environment: environment)
            .run(["completions", "tcsh"])
        #expect(refused.exitCode == 64)
        #expect(refused.errors.contains("bash") && refused.errors.contains("fish"))
    }
}
