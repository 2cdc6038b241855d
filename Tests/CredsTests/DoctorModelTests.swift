import TestSupport
import Testing

@testable import creds

/// `creds doctor --invoke`.
struct DoctorModelTests {
    let home: Home
    private static let model = "anthropic.claude-3-haiku-20240307-v1:0"

    init() throws {
        home = try Home()
        try home.writeCLI()
    }

    @Test func `a model that answers is reported with its time and its tokens`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            try await ModelPeer.run { endpoint in
                let seen = try await home.doctor("--invoke", Self.model, environment: endpoint)
                #expect(seen.output.contains("ok  model            \(Self.model) in us-east-1 answered in … ms: "))
                #expect(seen.output.hasSuffix(" ms: 9 tokens in, 4 out\n\nall is well\n"))
                #expect(seen.exitCode == 0)
                #expect(server.asked == 1)
                // The session is kept, and used again.
                _ = try await home.doctor("--invoke", Self.model, environment: endpoint)
                #expect(server.asked == 1)
            }
        }
    }

    struct Case: Sendable {
        let status: Int
        let code: String
        let said: String
        let message: String
        var fix = "creds models --region us-east-1"
    }

    static let cases: [Case] = [
        Case(
            status: 403,
            code: "AccessDeniedException",
            said:
                "User: arn:aws:sts::123456789012:assumed-role/r/ada is not authorized to perform: bedrock:InvokeModel",
            message: "these credentials may not invoke \(model) (AccessDeniedException): ask your operator to allow it"
        ),
        Case(
            status: 403,
            code: "AccessDeniedException",
            said: "not authorized to perform the required AWS Marketplace actions (aws-marketplace:Subscribe)",
            message: "\(model) has to be subscribed to in AWS Marketplace first (AccessDeniedException): "
                + "ask your operator to invoke it once"
        ),
        Case(
            status: 403,
            code: "AccessDeniedException",
            said: "not authorized to perform: bedrock:CallWithBearerToken",
            message: "bearer tokens are not allowed, for want of bedrock:CallWithBearerToken (AccessDeniedException): "
                + "ask your operator",
            fix: "unset AWS_BEARER_TOKEN_BEDROCK"
        ),
        Case(
            status: 404,
            code: "ResourceNotFoundException",
            said: "Model use case details have not been submitted for this account.",
            message: "Anthropic's use-case form is not filled in for this account (ResourceNotFoundException): "
                + "ask your operator to"
        ),
        Case(
            status: 404,
            code: "ResourceNotFoundException",
            said: "Could not resolve the foundation model from the provided model identifier.",
            message: "\(model) is not in us-east-1 (ResourceNotFoundException)"
        ),
        Case(
            status: 400,
            code: "ValidationException",
            said: "Invocation of model ID with on-demand throughput isn’t supported.",
            message: "\(model) is invoked through an inference profile only (ValidationException)"
        ),
        Case(
            status: 400,
            code: "ValidationException",
            said: "The provided model identifier is invalid.",
            message: "\(model) is no model of us-east-1 (ValidationException)"
        ),
        Case(
            status: 403,
            code: "UnrecognizedClientException",
            said: "The security token included in the request is invalid.",
            message: "AWS doesn't know these credentials (UnrecognizedClientException)",
            fix: "creds refresh"
        ),
        Case(
            status: 403,
            code: "ExpiredTokenException",
            said: "The security token included in the request is expired",
            message: "the credentials have ended (ExpiredTokenException)",
            fix: "creds refresh"
        ),
        Case(
            status: 403,
            code: "InvalidSignatureException",
            said: "Signature expired",
            message: "AWS refuses the signature (InvalidSignatureException): is the clock right?",
            fix: "date -u"
        ),
        Case(
            status: 429,
            code: "ThrottlingException",
            said: "Too many requests, please wait before trying again.",
            message: "too many requests for \(model) (ThrottlingException); try again shortly",
            fix: "creds doctor --invoke \(model)"
        ),
    ]

    @Test(arguments: cases)
    func `a refusal is named with its remedy, and AWS's sentence is not repeated`(item: Case) async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            let refusal = ModelPeer.ErrorReply(status: item.status, code: item.code, message: item.said)
            try await ModelPeer.run(refusal) { endpoint in
                let found = try await home.findings(["--invoke", Self.model], environment: endpoint)
                #expect(found == [.problem(.model, item.message, fix: item.fix)])
            }
        }
    }

    @Test func `without a session there is nothing to ask with`() async throws {
        try await FakeBursar.run(.revoked, home: home) { server in
            _ = try await server.install()
            let found = try await home.findings(["--invoke", Self.model])
            #expect(
                found.last == .problem(.model, "this key was revoked (key_revoked)", fix: "creds refresh")
            )
        }
        #expect(try await Home().findings(["--invoke", Self.model]).last?.state == .skipped)
    }

    @Test func `a region is asked for`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            let found = try await home.findings(["--invoke", Self.model], environment: ["AWS_DEFAULT_REGION": ""])
            #expect(
                found.last
                    == .problem(.model, "no region is set to ask \(Self.model) in", fix: "export AWS_REGION=us-east-1")
            )
        }
    }

    @Test func `an endpoint where nothing answers is reported as such`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            let endpoint = ["AWS_ENDPOINT_URL_BEDROCK_RUNTIME": "http://127.0.0.1:1"]
            let found = try await home.findings(["--invoke", Self.model], environment: endpoint)
            #expect(found == [.problem(.model, "nothing answers at 127.0.0.1:1", fix: "curl -v http://127.0.0.1:1")])
        }
    }
}
