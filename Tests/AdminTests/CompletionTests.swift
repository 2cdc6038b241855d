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
        let end = #"""

            COMP_LINE=$1 COMP_POINT=${#1} COMP_TYPE=9
            read -ra COMP_WORDS <<<"$1"
            case $1 in *' ') COMP_WORDS+=("") ;; esac
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _admin admin "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
            printf '%s\n' "${COMPREPLY[@]}"
            """#
        let outcome = try await Program("/bin/bash", environment: environment)
            .run(["-c", try await script("bash") + end, "bash", line])
        #expect(outcome.errors.isEmpty)
        let offered = outcome.output.split(separator: "\n").map { String($0.drop { $0 == " " }) }.sorted()
        #expect(offered.filter { !$0.hasPrefix("-") || line.contains("--") } == expected)
    }

    @Test func `another shell is refused`() async throws {
        let refused = try await Program(Checkout.program("admin"), environment: environment)
            .run(["completions", "tcsh"])
        #expect(refused.exitCode == 64)
        #expect(refused.errors.contains("bash") && refused.errors.contains("fish"))
    }
}
