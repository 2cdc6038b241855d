import BursarFoundation
import TestSupport
import Testing

@testable import creds

/// `creds models`, as built, against hand-made responses.
struct ModelsTests {
    let home: Home

    init() throws {
        home = try Home()
    }

    @Test func `models and profiles are one table`() async throws {
        let listed = try await models()
        #expect(
            listed.output == """
                id                                                                        kind         provider   \
                name               status  invoked
                anthropic.claude-3-haiku-20240307-v1:0                                    model        Anthropic  \
                Claude 3 Haiku     ACTIVE  by a profile
                arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/lab  application  Anthropic  \
                lab                ACTIVE  yes
                us.anthropic.claude-3-haiku-20240307-v1:0                                 profile      Anthropic  \
                US Claude 3 Haiku  ACTIVE  yes
                meta.llama2-13b-v1                                                        model        Meta       \
                Llama 2, 13B       LEGACY  yes

                """
        )
        #expect(listed.isSuccess && listed.errors.isEmpty)
    }

    @Test func `a provider's are listed, whatever its case, as CSV`() async throws {
        let listed = try await models("--provider", "meta", "--format", "csv")
        #expect(
            listed.output == "id,kind,provider,name,status,invoked\r\n"
                + "meta.llama2-13b-v1,model,Meta,\"Llama 2, 13B\",LEGACY,yes\n"
        )
    }

    @Test func `JSON has every fact`() async throws {
        struct Row: Decodable {
            let id: String
            let arn: String
            let kind: String
            let provider: String
            let isInvoked: Bool
        }
        let listed = try await models("--format", "json", "--provider", "Anthropic")
        let rows = try JSONDecoder().decode([Row].self, from: Data(listed.output.utf8))
        #expect(rows.map(\.kind) == ["model", "application", "profile"])
        #expect(rows.map(\.isInvoked) == [false, true, true])
        #expect(rows.allSatisfy { $0.provider == "Anthropic" && $0.arn.hasPrefix("arn:aws:bedrock:us-east-1:") })
    }

    @Test func `no model of a provider is a word on stderr`() async throws {
        let listed = try await models("--provider", "Nobody")
        #expect(listed.isSuccess && listed.output.isEmpty)
        #expect(listed.errors == "creds: there are no such models\n")
    }

    private static let denied = ModelPeer.ErrorReply(
        status: 403,
        code: "AccessDeniedException",
        message: "not authorized"
    )

    @Test func `credentials that may not list get an error with what to ask for`() async throws {
        let listed = try await models(refusal: Self.denied)
        #expect(listed.exitCode == 1 && listed.output.isEmpty)
        #expect(
            listed.errors == """
                creds: error: these credentials may not list models (AccessDeniedException)
                creds: hint: ask your operator which models are yours, or for bedrock:ListFoundationModels and \
                bedrock:ListInferenceProfiles

                """
        )
    }

    @Test func `what may be listed is listed when the rest may not`() async throws {
        let listed = try await models("--format", "csv", refusal: Self.denied, but: "/foundation-models")
        #expect(listed.isSuccess)
        #expect(listed.output.split(whereSeparator: \.isNewline).count == 3)
        #expect(listed.errors.hasPrefix("creds: warning: these credentials may not list models"))
    }

    @Test func `without a region and without a profile it is refused`() async throws {
        #expect(try await home.creds("models").errors.contains("profile temp-bedrock is not installed"))
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            let refused = try await home.creds("models")
            #expect(refused.exitCode == 1)
            #expect(refused.errors.contains("creds: hint: creds models --region us-east-1\n"))
        }
    }

    private func models(
        _ arguments: String...,
        refusal: ModelPeer.ErrorReply? = nil,
        but allowed: String = "-"
    ) async throws -> Program.Outcome {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            return try await ModelPeer.run(refusal, but: allowed) { endpoint in
                let environment = home.environment.merging(endpoint) { $1 }
                return try await Program(Checkout.program("creds"), environment: environment)
                    .run(["models", "--region", "us-east-1"] + arguments)
            }
        }
    }
}
