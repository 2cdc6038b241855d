import AWSTestSupport
import BursarFoundation
import BursarHTTP
import BursarModel
import Testing

@testable import AWSAuth
@testable import AWSClients

/// Responses written by hand from AWS's documentation: moto has none for these, and they are untested on AWS.
struct BedrockClientTests {
    static let endpoints = EndpointResolver(environment: [:])

    func client(_ world: Recorded) throws -> BedrockClient {
        try BedrockClient(
            region: "us-gov-west-1",
            credentials: StaticCredentials(.example),
            endpoints: Self.endpoints,
            clientContext: world.clientContext()
        )
    }

    func runtime(_ world: Recorded) throws -> BedrockRuntimeClient {
        try BedrockRuntimeClient(
            region: "eu-central-1",
            credentials: StaticCredentials(.example),
            endpoints: Self.endpoints,
            clientContext: world.clientContext()
        )
    }

    @Test func `models are listed, with fields that may be missing`() async throws {
        let world = Recorded(
            .init(
                body: """
                    {"modelSummaries":[{"modelArn":"arn:aws:bedrock:r::foundation-model/a","modelId":"a","new":1},
                    {"modelArn":"arn:b","modelId":"b","modelName":"B","providerName":"P","inputModalities":["TEXT"],
                    "outputModalities":["TEXT","IMAGE"],"inferenceTypesSupported":["INFERENCE_PROFILE"],
                    "modelLifecycle":{"status":"LEGACY"}}]}
                    """
            )
        )
        let models = try await client(world).foundationModels(provider: "Meta & co")
        #expect(models.map(\.id) == ["a", "b"])
        #expect(models[1].inferenceTypes == ["INFERENCE_PROFILE"])
        #expect(models[1].status == "LEGACY")
        let request = try #require(world.requests.first)
        #expect(
            request.url
                == "https://bedrock.us-gov-west-1.amazonaws.com/foundation-models?byProvider=Meta%20%26%20co"
        )
        #expect(request.headers.contains { $0.value.contains("/us-gov-west-1/bedrock/aws4_request,") })
    }

    @Test func `profiles are read page by page`() async throws {
        func page(_ id: String, next: String?) -> Recorded.Answer {
            let token = next.map { #","nextToken":"\#($0)""# } ?? ""
            let profile =
                #"{"inferenceProfileArn":"arn:\#(id)","inferenceProfileId":"\#(id)","#
                + #""inferenceProfileName":"n","type":"NEWER","models":[{"modelArn":"m"}]}"#
            return .init(body: #"{"inferenceProfileSummaries":[\#(profile)]\#(token)}"#)
        }
        let world = Recorded(page("a", next: "t/+"), page("b", next: nil))
        let profiles = try await client(world).inferenceProfiles(kind: .application)
        #expect(profiles.map(\.id) == ["a", "b"])
        #expect(profiles[0].kind == nil)
        #expect(profiles[0].modelARNs == ["m"])
        #expect(world.requests.last?.url.hasSuffix("?maxResults=1000&nextToken=t%2F%2B&type=APPLICATION") == true)
    }

    @Test func `pages without an end are given up`() async throws {
        let page = Recorded.Answer(body: #"{"inferenceProfileSummaries":[],"nextToken":"again"}"#)
        let world = Recorded(repeating: page, count: 200)
        _ = try await client(world).inferenceProfiles()
        #expect(world.requests.count == BedrockClient.mostPages)
    }

    static let answer = """
        {"output":{"message":{"role":"assistant","content":[{"text":"Hel"},{"toolUse":{}},{"text":"lo"}]}},
        "stopReason":"end_turn","usage":{"inputTokens":3,"outputTokens":2,"totalTokens":5},"metrics":{"latencyMs":1}}
        """

    @Test func `a model is asked, its ARN encoded in the path`() async throws {
        let world = Recorded(.init(body: Self.answer))
        let answer = try await runtime(world).converse(
            "Hi",
            model: "arn:aws:bedrock:eu-central-1:1:inference-profile/eu.a-v1:0",
            maxTokens: 5
        )
        #expect(answer.text == "Hello")
        #expect(answer.outputTokens == 2)
        let request = try #require(world.requests.first)
        #expect(
            request.url == "https://bedrock-runtime.eu-central-1.amazonaws.com/model/"
                + "arn%3Aaws%3Abedrock%3Aeu-central-1%3A1%3Ainference-profile%2Feu.a-v1%3A0/converse"
        )
        #expect(
            String(decoding: try #require(request.body), as: UTF8.self).contains(#""inferenceConfig":{"maxTokens":5}"#)
        )
    }

    @Test func `a bearer token is sent instead of a signature, and comes back in no error`() async throws {
        let token = try BedrockToken.provide(region: "us-west-2", credentials: .example, at: Recorded.date)
        let body = #"{"message":"no \#(token.value.reveal())"}"#
        let world = Recorded(
            .init(status: 403, headers: [("x-amzn-ErrorType", "AccessDeniedException:http://x")], body: body)
        )
        let client = try BedrockRuntimeClient(
            token: token,
            endpoints: Self.endpoints,
            clientContext: world.clientContext()
        )
        let error = await #expect(throws: AWSError.self) {
            try await client.converse("Hi", model: "a", maxTokens: 1)
        }
        guard case .refused(let refusal) = error else {
            Issue.record("not a refusal")
            return
        }
        #expect(refusal.code == "AccessDeniedException")
        #expect(refusal.message == "no <redacted>")
        let request = try #require(world.requests.first)
        #expect(request.url.hasPrefix("https://bedrock-runtime.us-west-2."))
        #expect(
            request.headers.filter { $0.name == "Authorization" }.map(\.value) == ["Bearer \(token.value.reveal())"]
        )
    }

    @Test(arguments: ["", "[]", "{}", #"{"output":{}}"#, #"{"output":{"message":{"content":5}}}"#, "<html>"])
    func `an answer that isn't what it should be is an error`(body: String) async throws {
        let error = await #expect(throws: AWSError.self) {
            try await runtime(Recorded(.init(body: body))).converse("Hi", model: "a", maxTokens: 1)
        }
        guard case .malformedResponse(.bedrockRuntime, 200, nil, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(arguments: [("", 1, "modelId"), ("a", 0, "maxTokens")])
    func `what Bedrock would refuse isn't sent`(model: String, tokens: Int, field: String) async throws {
        await #expect(throws: AWSError.invalidParameter(service: .bedrockRuntime, field: field)) {
            try await runtime(Recorded()).converse("Hi", model: model, maxTokens: tokens)
        }
    }
}
