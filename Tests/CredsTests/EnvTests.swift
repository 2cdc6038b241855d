import AWSAuth
import BursarConsole
import BursarFoundation
import BursarModel
import TestSupport
import Testing

@testable import creds

/// `creds env`, as built, alone and in real shells.
struct EnvTests {
    let home: Home

    init() throws {
        home = try Home()
    }

    @Test(arguments: [
        ("/bin/bash", #"eval "$("$CREDS" env)" && printenv $NAMES"#),
        ("/usr/bin/fish", "$CREDS env --format fish | source; and printenv (string split ' ' $NAMES)"),
    ])
    func `a shell gets the session that process hands out`(shell: String, script: String) async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install("--region", "eu-west-1")
            let names = "AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_REGION"
            let outcome = try await run(shell, script, ["NAMES": names])
            let values = [
                "ASIAEXAMPLE0000000001", String(repeating: "s", count: 40), String(repeating: "t", count: 300),
            ]
            #expect(outcome.output == (values + ["eu-west-1", ""]).joined(separator: "\n"))
            #expect(outcome.errors.isEmpty)
            #expect(try await home.creds("process").output.contains(values[0]))
            #expect(server.asked == 1)
        }
    }

    @Test func `long-lived keys take another session's token away`() async throws {
        let own = ["AWS_ACCESS_KEY_ID": "AKIAEXAMPLE000000001", "AWS_SECRET_ACCESS_KEY": "secret"]
        let outcome = try await home.creds("env", "--from", "chain", environment: own)
        #expect(
            outcome.output == "export AWS_ACCESS_KEY_ID='AKIAEXAMPLE000000001' AWS_SECRET_ACCESS_KEY='secret'; "
                + "unset AWS_SESSION_TOKEN\n"
        )
    }

    @Test func `JSON says the end, dotenv and raw are lines`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            let json = try await home.creds("env", "--format", "json").output
            let fields = try JSONDecoder().decode([String: String].self, from: Data(json.utf8))
            #expect(fields["AWS_ACCESS_KEY_ID"] == "ASIAEXAMPLE0000000001" && fields["AWS_REGION"] == nil)
            #expect(try await home.creds("process").output.contains(try #require(fields["expiration"])))
            for format in ["dotenv", "raw"] {
                let lines = try await home.creds("env", "--format", format).output
                #expect(lines.hasPrefix("AWS_ACCESS_KEY_ID=ASIAEXAMPLE0000000001\nAWS_SECRET_ACCESS_KEY=ssss"))
            }
        }
    }

    @Test func `Claude Code gets a session and its end`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            let output = try await home.creds("env", "--format", "claude").output
            let export = try JSONDecoder().decode([String: [String: String]].self, from: Data(output.utf8))
            let names = Set(export["Credentials", default: [:]].keys)
            #expect(names == ["AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"])
            #expect(export["Credentials"]?["Expiration"].flatMap { Timestamp.date($0) } != nil)
            #expect(export["Credentials"]?["AccessKeyId"] == "ASIAEXAMPLE0000000001")
        }
    }

    @Test func `Claude Code isn't given long-lived keys`() throws {
        let keys = AWSCredentials(accessKeyID: "AKIAEXAMPLE000000001", secretAccessKey: Secret("secret"))
        #expect(throws: UserFacingError.self) { try ClaudeExport(keys) }
    }

    @Test func `a failure takes the old session away`() async throws {
        let old = ["AWS_ACCESS_KEY_ID": "old", "AWS_SECRET_ACCESS_KEY": "old", "AWS_SESSION_TOKEN": "old"]
        let script =
            #"eval "$("$CREDS" env)"; echo $?; printenv AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN"#
        let outcome = try await run("/bin/bash", script, old)
        #expect(outcome.output == "1\n")
        #expect(outcome.errors.hasPrefix("creds: error: profile temp-bedrock is not installed\n"))
    }

    @Test func `a bearer token that would win is named`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            let warned = try await home.creds("env", environment: ["AWS_BEARER_TOKEN_BEDROCK": ""])
            #expect(warned.isSuccess)
            #expect(warned.errors.hasPrefix("creds: warning: AWS_BEARER_TOKEN_BEDROCK is set"))
        }
    }

    private func run(_ shell: String, _ script: String, _ environment: [String: String]) async throws
        -> Program.Outcome
    {
        let variables = home.environment.merging(environment) { $1 }.merging(["CREDS": Checkout.program("creds")]) {
            $1
        }
        return try await Program(shell, environment: variables).run(["-c", script])
    }
}
