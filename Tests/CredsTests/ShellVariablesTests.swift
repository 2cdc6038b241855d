import BursarConsole
import BursarFoundation
import BursarModel
import SystemPackage
import TestSupport
import Testing

@testable import creds

/// Output for a shell, evaluated by that shell.
struct ShellVariablesTests {
    static let odd = [
        "plain", "a b", "it's", "''", #"back\slash\"#, #"\'"#, "\"quoted\"", "$HOME", "`id`", "$(id)", "a;b|c&d", "!x",
        "*", "~", "#no", "é😀", "two\nlines", "tab\t", "-n", "%s", "=ls", "{a,b}", "",
    ]

    @Test(arguments: odd)
    func `bash takes a value as it is`(value: String) async throws {
        let script = try Self.variables(value).text(.export).reveal()
        #expect(try await run("/bin/bash", ["--norc", "-c", #"eval "$1"; printenv ODD AFTER"#, "bash", script], value))
    }

    @Test(arguments: odd)
    func `fish takes a value as it is, from eval and from source`(value: String) async throws {
        let script = try Self.variables(value).text(.fish).reveal()
        for way in ["eval $argv[1]", "echo $argv[1] | source"] {
            let arguments = ["--no-config", "-c", way + "; printenv ODD AFTER", script]
            #expect(try await run("/usr/bin/fish", arguments, value))
        }
    }

    private static let tcsh = "/usr/bin/tcsh"

    @Test(
        .enabled(if: FileManager.default.fileExists(atPath: tcsh), "Debian's package tcsh"),
        arguments: odd.filter { !$0.contains("\n") } + ["a!b'c", #"\!"#, "^a^b", "[a]?", "two  blanks"]
    )
    func `csh takes a value as it is`(value: String) async throws {
        let script = try Self.variables(value).text(.csh).reveal()
        let home = try Home()
        try home.write(script, to: "printed")
        let line = #"eval "`cat ~/printed`"; /usr/bin/printenv ODD AFTER; /usr/bin/printenv GONE"#
        let environment = home.environment.merging(["GONE": "x"]) { $1 }
        let outcome = try await Program(Self.tcsh, environment: environment).run(["-f", "-c", line])
        #expect(outcome.output == "\(value)\nafter\n")
        #expect(outcome.errors.isEmpty)
    }

    @Test func `a value with a line break is refused for csh`() {
        #expect(throws: UserFacingError.self) { try Self.variables("two\nlines").text(.csh) }
    }

    @Test func `an eval without quotes works too`() async throws {
        let script = try Self.variables("abc").text(.export).reveal()
        #expect(try await run("/bin/bash", ["-c", "eval $1; printenv ODD AFTER", "bash", script], "abc"))
        let failure = try #require(ShellVariables.failure(taking: ["OLD"], .export))
        let after = try await Program("/bin/bash", environment: ["OLD": "x", "PATH": "/usr/bin:/bin"])
            .run(["-c", "eval $1 && echo yes; printenv OLD", "bash", failure])
        #expect(after.output.isEmpty)
    }

    /// According to PowerShell's documentation, not tested with it.
    @Test func `PowerShell's quotes are doubled`() throws {
        let text = try Self.variables("it's ‘so’ $x").text(.powershell).reveal()
        #expect(
            text == "$env:ODD = 'it''s ‘‘so’’ $x'; $env:AFTER = 'after'; "
                + "Remove-Item Env:GONE -ErrorAction SilentlyContinue"
        )
    }

    @Test(arguments: [("abc+/=", "abc+/="), ("a b$c", "'a b$c'"), ("a#b", "'a#b'"), ("", "")])
    func `a dotenv value is bare or between quotes that nothing expands in`(value: String, line: String) throws {
        #expect(try Self.variables(value).text(.dotenv).reveal() == "ODD=\(line)\nAFTER=after")
    }

    @Test(arguments: ["it's", #"a\b"#, "a\nb"])
    func `a dotenv value that readers disagree on is refused`(value: String) {
        #expect(throws: UserFacingError.self) { try Self.variables(value).text(.dotenv) }
    }

    @Test func `JSON says the end too, raw quotes nothing`() throws {
        let end = Date(timeIntervalSince1970: 1_800_000_000)
        let variables = ShellVariables(values: [("A", Secret("a/\"b")), ("GONE", nil)], expiration: end)
        #expect(try variables.text(.json).reveal() == #"{"A":"a/\"b","expiration":"2027-01-15T08:00:00Z"}"#)
        #expect(try variables.text(.raw).reveal() == "A=a/\"b")
    }

    @Test(arguments: [
        ([], "unset AWS_BEARER_TOKEN_BEDROCK; false"),
        (["--format", "fish"], "set -e AWS_BEARER_TOKEN_BEDROCK; false"),
        (["--format=fish"], "set -e AWS_BEARER_TOKEN_BEDROCK; false"),
        (["--format", "csh"], "unsetenv AWS_BEARER_TOKEN_BEDROCK; false"),
        (["--format", "fihs"], "unset AWS_BEARER_TOKEN_BEDROCK; false"),
        (["--format"], "unset AWS_BEARER_TOKEN_BEDROCK; false"),
        (["--ttl", "6h", "--format", "export"], "unset AWS_BEARER_TOKEN_BEDROCK; false"),
    ])
    func `a shell's script unsets the old token`(options: [String], script: String) {
        #expect(FailureScript(["token"] + options)?.text == script)
    }

    @Test(arguments: [
        ["token", "--format", "json"], ["token", "--format=dotenv"], ["token", "--format", "raw"],
        ["env", "--format", "claude"], ["process"], [],
    ])
    func `what no shell evaluates gets nothing`(words: [String]) {
        #expect(FailureScript(words) == nil)
    }

    @Test func `a token or key that was typed is not repeated`() {
        let text = CommandLineRedaction.removed(from: "Unexpected argument 'bedrock-api-key-Ym/Vk+=' and ABSKabc= x")
        #expect(text == "Unexpected argument 'bedrock-api-key-…' and ABSK… x")
    }

    private static func variables(_ value: String) -> ShellVariables {
        ShellVariables(values: [("ODD", Secret(value)), ("AFTER", Secret("after")), ("GONE", nil)], expiration: nil)
    }

    /// Returns true if the shell printed `value` and the text after it, and no more.
    private func run(_ shell: String, _ arguments: [String], _ value: String) async throws -> Bool {
        let home = try Home()
        let environment = home.environment.merging(["GONE": "x", "XDG_RUNTIME_DIR": home.path.string]) { $1 }
        let outcome = try await Program(shell, environment: environment).run(arguments)
        return outcome.output == "\(value)\nafter\n" && outcome.errors.isEmpty
    }
}
