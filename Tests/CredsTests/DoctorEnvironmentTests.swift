import AWSAuth
import BursarFoundation
import BursarModel
import TestSupport
import Testing

@testable import creds

/// Each variable that directs AWS clients elsewhere is found, and its fix named.
struct DoctorEnvironmentTests {
    let home: Home

    init() throws {
        home = try Home()
        try home.writeCLI()
    }

    struct Trap: Sendable {
        let variables: [String: String]
        let finding: DoctorFinding
    }

    private static let keysFix = "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN"
    private static let container = "is set: clients that don't go by a profile get other credentials there"
    private static let tokenFix = "unset AWS_BEARER_TOKEN_BEDROCK"
    private static let webFix = "unset AWS_WEB_IDENTITY_TOKEN_FILE AWS_ROLE_ARN AWS_ROLE_SESSION_NAME"

    static let traps: [Trap] = [
        Trap(
            variables: ["AWS_ACCESS_KEY_ID": "AKIAEXAMPLE000000001"],
            finding: .problem(
                .environment,
                "AWS_ACCESS_KEY_ID is set, and beats AWS_PROFILE (but not --profile)",
                fix: keysFix
            )
        ),
        Trap(
            variables: ["AWS_PROFILE": ""],
            finding: .problem(
                .environment,
                "AWS_PROFILE is set but empty, and boto3 then looks for a profile without a name",
                fix: "unset AWS_DEFAULT_PROFILE; export AWS_PROFILE=temp-bedrock"
            )
        ),
        Trap(
            variables: ["AWS_DEFAULT_PROFILE": ""],
            finding: .problem(
                .environment,
                "AWS_DEFAULT_PROFILE is set but empty, and boto3 then looks for a profile without a name",
                fix: "unset AWS_DEFAULT_PROFILE; export AWS_PROFILE=temp-bedrock"
            )
        ),
        Trap(
            variables: ["AWS_PROFILE": "work"],
            finding: .warning(
                .environment,
                "AWS_PROFILE names another profile, work",
                fix: "export AWS_PROFILE=temp-bedrock"
            )
        ),
        Trap(
            variables: ["AWS_DEFAULT_PROFILE": "work"],
            finding: .warning(
                .environment,
                "AWS_DEFAULT_PROFILE names another profile, work, and beats AWS_PROFILE in boto3",
                fix: "unset AWS_DEFAULT_PROFILE; export AWS_PROFILE=temp-bedrock"
            )
        ),
        Trap(
            variables: ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials/x"],
            finding: .warning(
                .environment,
                "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI \(container)",
                fix: "unset AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
            )
        ),
        Trap(
            variables: ["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:1/"],
            finding: .warning(
                .environment,
                "AWS_CONTAINER_CREDENTIALS_FULL_URI \(container)",
                fix: "unset AWS_CONTAINER_CREDENTIALS_FULL_URI"
            )
        ),
        Trap(
            variables: ["AWS_WEB_IDENTITY_TOKEN_FILE": "/var/token", "AWS_ROLE_ARN": "arn:aws:iam::1:role/x"],
            finding: .warning(
                .environment,
                "AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN set: a web identity may win over the profile",
                fix: webFix
            )
        ),
        Trap(
            variables: ["AWS_BEARER_TOKEN_BEDROCK": ""],
            finding: .problem(
                .bearerToken,
                "AWS_BEARER_TOKEN_BEDROCK is set, though empty, and beats every profile for Bedrock",
                fix: tokenFix
            )
        ),
        Trap(
            variables: ["AWS_BEARER_TOKEN_BEDROCK": "hunter2"],
            finding: .problem(
                .bearerToken,
                "AWS_BEARER_TOKEN_BEDROCK holds no Bedrock token, and beats every profile for Bedrock",
                fix: tokenFix
            )
        ),
        Trap(
            variables: ["AWS_BEARER_TOKEN_BEDROCK": "ABSKhunter2"],
            finding: .warning(
                .bearerToken,
                "AWS_BEARER_TOKEN_BEDROCK holds a long-term Bedrock key, and beats every profile for Bedrock",
                fix: tokenFix
            )
        ),
        Trap(
            variables: ["AWS_DEFAULT_REGION": ""],
            finding: .warning(
                .environment,
                "no region is set, and clients need one",
                fix: "export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1"
            )
        ),
        Trap(
            variables: ["AWS_DEFAULT_REGION": "", "AWS_REGION": "eu-west-1"],
            finding: .warning(
                .environment,
                "boto3 finds no region: it doesn't read AWS_REGION, and nothing else is set",
                fix: "export AWS_DEFAULT_REGION=eu-west-1"
            )
        ),
        Trap(
            variables: ["AWS_CA_BUNDLE": "/nowhere/ca.pem"],
            finding: .problem(
                .network,
                "AWS_CA_BUNDLE names /nowhere/ca.pem, which is not there",
                fix: "unset AWS_CA_BUNDLE"
            )
        ),
        Trap(
            variables: ["SSL_CERT_FILE": "/dev/null"],
            finding: .problem(
                .network,
                "SSL_CERT_FILE can't be used: /dev/null: not an ordinary file",
                fix: "unset SSL_CERT_FILE"
            )
        ),
        Trap(
            variables: ["REQUESTS_CA_BUNDLE": "/etc/passwd"],
            finding: .problem(
                .network,
                "REQUESTS_CA_BUNDLE names /etc/passwd, which holds no certificate",
                fix: "unset REQUESTS_CA_BUNDLE"
            )
        ),
    ]

    @Test(arguments: traps)
    func `a trap is found, and nothing else`(trap: Trap) async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            #expect(try await home.findings(environment: trap.variables) == [trap.finding])
        }
    }

    /// The token's start relative to now; the region that is set; the start of the message.
    @Test(arguments: [
        (
            0.0, "us-east-1", DoctorFinding.State.warning,
            "beats every profile for Bedrock; its token for us-east-1 ends in 59m "
        ),
        (-7200, "us-east-1", .problem, "beats every profile for Bedrock, and its token for us-east-1 ended 1h "),
        (0, "eu-west-1", .problem, "works in us-east-1 only, but the region that is set is eu-west-1"),
    ])
    func `a token is decoded`(start: TimeInterval, region: String, state: DoctorFinding.State, said: String)
        async throws
    {
        let token = try BedrockToken.provide(
            region: "us-east-1",
            credentials: AWSCredentials(CachedSessionTests.credentials(life: 3600)),
            expiry: .seconds(3600),
            at: Date() + start
        )
        let variables = ["AWS_BEARER_TOKEN_BEDROCK": token.value.reveal(), "AWS_DEFAULT_REGION": region]
        let finding = try #require(try await home.findings(environment: variables).first { $0.check == .bearerToken })
        #expect(finding.state == state)
        #expect(finding.message.hasPrefix("AWS_BEARER_TOKEN_BEDROCK " + said))
        #expect(finding.fix == Self.tokenFix)
    }

    @Test func `the session of creds env differs from foreign keys`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            _ = try await home.creds("process")
            let found = try await home.findings(environment: ["AWS_ACCESS_KEY_ID": "ASIAEXAMPLE0000000001"])
            #expect(
                found == [
                    .warning(
                        .environment,
                        "AWS_ACCESS_KEY_ID holds this profile's session, which is not renewed there",
                        fix: Self.keysFix
                    )
                ]
            )
        }
    }

    @Test func `a proxy is named without its password`() async throws {
        let proxy = ["HTTPS_PROXY": "http://ada:hunter2@proxy.example:3128"]
        let seen = try await home.doctor(environment: proxy)
        #expect(seen.output.contains("HTTPS_PROXY leads through …@proxy.example:3128; the system's certificates"))
        #expect(!seen.output.contains("hunter2"))
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            let seen = try await home.doctor(environment: proxy)
            #expect(seen.output.contains("…@proxy.example:3128, but not to the server; the"))
            #expect(seen.exitCode == 0)
        }
    }

    @Test func `quotes that a file kept around a proxy or its exceptions are found`() async throws {
        let environment = ["HTTPS_PROXY": #""http://proxy.example:3128""#, "no_proxy": "'localhost,.example.org'"]
        let found = try await home.findings(environment: environment).filter { $0.check == .network }
        #expect(
            found == [
                .problem(
                    .network,
                    "HTTPS_PROXY has quotes in its value, so it is no proxy's address",
                    fix: "export HTTPS_PROXY=http://PROXY:PORT"
                ),
                .warning(
                    .network,
                    "no_proxy has quotes in its value, so its first and last name count for nothing",
                    fix: "export no_proxy=localhost,.example.org"
                ),
            ]
        )
    }
}
