import AWSAuth
import BursarConsole
import BursarFoundation
import BursarModel
import TestSupport
import Testing

@testable import creds

struct ShowTokenTests {
    private static let now = Date(timeIntervalSince1970: 1_800_000_000)
    let home: Home

    init() throws {
        home = try Home()
    }

    @Test func `a token from standard input is shown`() async throws {
        let shown = try await home.creds("show-token", input: try Self.token() + "\n")
        #expect(
            shown.output == """
                key id     ASIAEXAMPLE0000000001
                region     us-east-1
                start      2027-01-15T08:00:00Z
                end        2027-01-15T09:00:00Z
                time left  \(Self.left(in: shown.output))
                signed by  a session; the token ends with it, if that is earlier

                """
        )
        #expect(shown.errors.isEmpty)
    }

    @Test func `a token in the environment is shown, what is piped in goes before it`() async throws {
        let variable = ["AWS_BEARER_TOKEN_BEDROCK": try Self.token(region: "eu-west-1")]
        let shown = try await home.creds("show-token", "--format", "json", environment: variable)
        #expect(try Self.fields(shown.output).region == "eu-west-1")
        let piped = try await home.creds(
            "show-token",
            "--format",
            "json",
            input: try Self.token(),
            environment: variable
        )
        #expect(try Self.fields(piped.output).region == "us-east-1")
    }

    /// The seconds after the start, and the reported remaining time.
    @Test(arguments: [
        (0.0, "1h"), (451.5, "52m 28s"), (3599.5, "none; ended 0s ago"), (7200, "none; ended 1h ago"),
    ])
    func `the time left is printed`(passed: TimeInterval, said: String) throws {
        let table = TokenDetails(try ShowToken.decode(Secret(Self.token())), at: Self.now + passed)
        #expect(table.facts.facts.first { $0.name == "time left" }?.value == said)
        #expect(table.json.secondsLeft == max(0, Int((3600 - passed).rounded(.down))))
    }

    @Test func `another region than the one that is set is named`() async throws {
        let shown = try await home.creds(
            "show-token",
            input: try Self.token(),
            environment: ["AWS_REGION": "eu-west-1"]
        )
        #expect(shown.isSuccess)
        #expect(shown.errors.hasPrefix("creds: warning: the region that is set is eu-west-1\n"))
    }

    @Test(arguments: [
        ("", "there is no token on standard input nor in AWS_BEARER_TOKEN_BEDROCK"), ("\n", "there is no token"),
        ("hunter2hunter2", "this is not a Bedrock bearer token"),
        ("ABSKsecretsecret", "this is a long-term Bedrock API key"),
        ("bedrock-api-key-secret!", "this is not a whole Bedrock bearer token"),
        ("bedrock-api-key-" + String(repeating: "A", count: 40_000), "this is too long for a Bedrock bearer token"),
    ])
    func `what is no token is refused, and not repeated`(input: String, problem: String) async throws {
        let refused = try await home.creds("show-token", input: input)
        #expect(refused.exitCode == 1)
        #expect(refused.output.isEmpty)
        #expect(refused.errors.hasPrefix("creds: error: \(problem)"))
        #expect(refused.errors.contains("\ncreds: hint: "))
        #expect(!refused.errors.contains("secret") && !refused.errors.contains("hunter2"))
    }

    @Test func `a token as an argument is refused, and not repeated`() async throws {
        let refused = try await home.creds("show-token", try Self.token())
        #expect(refused.exitCode == 64)
        #expect(refused.errors.contains("unexpected argument 'bedrock-api-key-…'"))
    }

    @Test func `only a parameter that every token has is named`() throws {
        let cut = "bedrock.amazonaws.com/?Action=CallWithBearerToken&secret=1&secret=2"
        let token = Secret("bedrock-api-key-" + Data(cut.utf8).base64EncodedString())
        #expect {
            try ShowToken.decode(token)
        } throws: {
            ($0 as? UserFacingError)?.problem.hasSuffix("a parameter comes twice") == true
        }
    }

    private static func token(region: String = "us-east-1") throws -> String {
        let credentials = AWSCredentials(CachedSessionTests.credentials(life: 3600))
        return try BedrockToken.provide(region: region, credentials: credentials, expiry: .seconds(3600), at: now)
            .value.reveal()
    }

    /// The part that depends on the time of the test.
    private static func left(in output: String) -> Substring {
        output.split(separator: "\n").first { $0.hasPrefix("time left") }?.dropFirst("time left  ".count) ?? ""
    }

    private static func fields(_ output: String) throws -> TokenDetails.Fields {
        try JSONDecoder().decode(TokenDetails.Fields.self, from: Data(output.utf8))
    }
}
