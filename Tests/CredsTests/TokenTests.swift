import AWSAuth
import BursarConsole
import BursarFoundation
import BursarModel
import SystemPackage
import TestSupport
import Testing

@testable import creds

/// `creds token`, as built, alone and in real shells.
struct TokenTests {
    let home: Home
    /// Long-lived keys, as an AWS user has them.
    static let own = [
        "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE000000001",
        "AWS_SECRET_ACCESS_KEY": "s/+" + String(repeating: "x7Zq", count: 9),
    ]

    init() throws {
        home = try Home()
    }

    @Test func `eval sets token and region, and stderr says what it is worth`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install("--region", "eu-west-1")
            let script = #"eval "$("$CREDS" token --ttl 6h)" && printenv AWS_BEARER_TOKEN_BEDROCK AWS_REGION"#
            let outcome = try await bash(script)
            #expect(outcome.isSuccess)
            let lines = outcome.output.split(separator: "\n").map(String.init)
            try #require(lines.count == 2)
            #expect(lines[1] == "eu-west-1")
            let token = try DecodedBedrockToken(Secret(lines[0]))
            #expect(token.accessKeyID == "ASIAEXAMPLE0000000001")
            #expect(token.region == "eu-west-1" && token.isOfSession)
            // Six hours are requested, and the session lives one.
            #expect((3590...3600).contains(token.latestEnd.timeIntervalSince(token.start)))
            let said = outcome.errors.split(separator: "\n")
            try #require(said.count == 2)
            #expect(said[0].wholeMatch(of: /creds: asked for 6h; the credentials allow (1h|59m \d+s)/) != nil)
            #expect(said[1].contains(/creds: the token for eu-west-1 ends in (1h|59m \d+s), 20\d\d-/))
            #expect(!outcome.errors.contains("bedrock-api-key-"))
        }
    }

    @Test func `fish sources it`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install("--region", "eu-west-1")
            let script = "$CREDS token --format fish | source; and printenv AWS_BEARER_TOKEN_BEDROCK AWS_REGION"
            let outcome = try await fish(script)
            #expect(outcome.isSuccess)
            #expect(outcome.output.hasPrefix("bedrock-api-key-"))
            #expect(outcome.output.hasSuffix("\neu-west-1\n"))
        }
    }

    @Test(arguments: ["", "--ttl 13h", "--ttl 0", "--region EU", "--nonsense", "bedrock-api-key-secret"])
    func `a failure is one for the shell, and takes the old token away`(options: String) async throws {
        let old = ["AWS_BEARER_TOKEN_BEDROCK": "old"]
        let inBash = try await bash(
            #"eval "$("$CREDS" token \#(options))"; echo "$? ${AWS_BEARER_TOKEN_BEDROCK-gone}""#,
            old
        )
        #expect(inBash.output == "1 gone\n")
        #expect(!inBash.errors.isEmpty && !inBash.errors.contains("bedrock-api-key-secret"))
        let read = "echo $status; set -q AWS_BEARER_TOKEN_BEDROCK; or echo gone"
        let sourced = try await fish("$CREDS token --format fish \(options) | source; \(read)", old)
        #expect(sourced.output == "1\ngone\n")
        let evaluated = try await fish("eval ($CREDS token --format fish \(options)); \(read)", old)
        #expect(evaluated.output == "1\ngone\n")
    }

    @Test(arguments: ["json", "dotenv", "raw"])
    func `a failure prints nothing where no shell reads`(format: String) async throws {
        let failed = try await home.creds("token", "--region", "us-east-1", "--format", format)
        #expect(failed.exitCode == 1)
        #expect(failed.output.isEmpty)
        #expect(failed.errors.hasPrefix("creds: error: profile temp-bedrock is not installed\ncreds: hint: "))
    }

    @Test func `without a region there is no token`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            let refused = try await home.creds("token")
            #expect(refused.exitCode == 1)
            #expect(refused.output == "unset AWS_BEARER_TOKEN_BEDROCK; false\n")
            #expect(
                refused.errors == """
                    creds: error: no region is set, and a token works in one only
                    creds: hint: creds token --region us-east-1

                    """
            )
            #expect(server.asked == 0)
        }
    }

    /// The option, the variables, the profile's own region.
    @Test(arguments: [
        (["--region", "us-east-2"], ["AWS_REGION": "us-west-1"], "us-east-2"),
        ([], ["AWS_REGION": "us-west-1", "AWS_DEFAULT_REGION": "us-west-2"], "us-west-1"),
        ([], ["AWS_DEFAULT_REGION": "us-west-2"], "us-west-2"), ([], [:], "eu-west-1"),
    ])
    func `the region is found where AWS's tools look`(
        options: [String],
        environment: [String: String],
        region: String
    ) async throws {
        let config = "[default]\nregion = eu-west-1\n"
        try home.write(config, to: ".aws/config")
        let environment = Self.own.merging(environment) { $1 }
        let outcome = try await creds(["token", "--from", "chain", "--format", "json"] + options, environment)
        #expect(try Self.decoded(outcome.output)["AWS_REGION"] == region)
    }

    @Test func `the region that install was told stands in where the config file is another`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install("--region", "eu-west-1")
            let elsewhere = ["AWS_CONFIG_FILE": "/dev/null"]
            let outcome = try await creds(["token", "--format", "json"], elsewhere)
            #expect(try Self.decoded(outcome.output)["AWS_REGION"] == "eu-west-1")
            let odd = try await creds(["token", "--format", "json"], ["AWS_REGION": "eu west;1"])
            #expect(odd.exitCode == 1)
            #expect(odd.errors.hasPrefix("creds: error: AWS_REGION is not the name of a region: "))
        }
    }

    /// A `credential_process` that runs creds for its own profile, directly and through the AWS CLI.
    @Test(arguments: [
        #"exec "$CREDS" token --from chain --aws-profile loop --region us-east-1 --format raw"#,
        "exec /usr/bin/aws configure export-credentials --profile back",
    ])
    func `a profile that asks for itself gets an error at the second turn`(command: String) async throws {
        try home.write("#!/bin/sh\necho turn >> \"$HOME/turns\"\n\(command)\n", to: "loop.sh", mode: 0o755)
        let script = home.path.appending("loop.sh").string
        let back =
            try #require(ShellWord.inCredentialProcess(Checkout.program("creds")))
            + " env --from chain --aws-profile loop"
        try home.write(
            "[profile loop]\ncredential_process = '\(script)'\n[profile back]\ncredential_process = \(back)\n",
            to: ".aws/config"
        )
        let environment = ["CREDS": Checkout.program("creds"), "AWS_EC2_METADATA_DISABLED": "true"]
        let options = ["token", "--from", "chain", "--aws-profile", "loop", "--region", "us-east-1"]
        let outcome = try await creds(options, environment)
        #expect(outcome.exitCode == 1)
        #expect(outcome.errors.hasPrefix("creds: error: custom-process of profile loop: "))
        #expect(home.text("turns")?.split(separator: "\n").count == 1)
        // The output of the second turn, which its caller drops.
        let entry = ["loop", home.path.string, "", ""].map(Self.encoded).joined(separator: ":")
        let second = try await creds(options, environment.merging(["_BURSAR_PROFILES_UNDER_WAY": entry]) { $1 })
        #expect(second.errors.hasPrefix("creds: error: profile loop asks for itself\n"))
        #expect(home.text("turns")?.split(separator: "\n").count == 1)
    }

    /// Percent-encodes paths, as far as the tests need it.
    private static func encoded(_ text: String) -> String {
        text.replacing("/", with: "%2F").replacing(" ", with: "%20")
    }

    @Test func `one's own profile is taken, and long-lived keys allow what AWS allows`() async throws {
        let keys =
            "[mine]\naws_access_key_id = AKIAEXAMPLE000000002\naws_secret_access_key = \(String(repeating: "k", count: 40))\n"
        try home.write(keys, to: ".aws/credentials")
        let outcome = try await home.creds("token", "--aws-profile", "mine", "--region", "us-east-1", "--format", "raw")
        let token = try DecodedBedrockToken(Secret(String(outcome.output.dropLast())))
        #expect(token.accessKeyID == "AKIAEXAMPLE000000002")
        #expect(
            outcome.errors.hasPrefix("creds: the credentials don't end, so AWS's 12h is the limit\n")
        )
        #expect(outcome.errors.contains("creds: the token for us-east-1 ends in 12h, 20"))
    }

    @Test(arguments: [
        (["--aws-profile", "nobody"], "creds: error: there is no AWS profile nobody\n"),
        (["--from", "vended", "--aws-profile", "x"], "creds: error: --aws-profile goes with --from chain"),
        (["--from", "chain"], "creds: error: there are no AWS credentials here\n"),
    ])
    func `credentials that aren't there are named`(options: [String], problem: String) async throws {
        let environment = ["AWS_EC2_METADATA_DISABLED": "true"]
        let refused = try await creds(["token", "--region", "us-east-1"] + options, environment)
        #expect(!refused.isSuccess)
        #expect(refused.errors.hasPrefix(problem))
    }

    private static func decoded(_ output: String) throws -> [String: String] {
        try JSONDecoder().decode([String: String].self, from: Data(output.utf8))
    }

    private func creds(_ arguments: [String], _ environment: [String: String]) async throws -> Program.Outcome {
        try await Program(Checkout.program("creds"), environment: home.environment.merging(environment) { $1 })
            .run(arguments)
    }

    private func bash(_ script: String, _ environment: [String: String] = [:]) async throws -> Program.Outcome {
        try await shell("/bin/bash", ["--norc", "-c", script], environment)
    }

    private func fish(_ script: String, _ environment: [String: String] = [:]) async throws -> Program.Outcome {
        try await shell("/usr/bin/fish", ["--no-config", "-c", script], environment)
    }

    private func shell(
        _ path: String,
        _ arguments: [String],
        _ environment: [String: String]
    ) async throws -> Program.Outcome {
        let variables = home.environment.merging(environment) { $1 }.merging(["CREDS": Checkout.program("creds")]) {
            $1
        }
        return try await Program(path, environment: variables).run(arguments)
    }
}
