package import AWSAuth
import BursarFoundation
package import BursarHTTP
import BursarModel

/// A client of Amazon Bedrock's runtime, which invokes models.
///
/// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_Operations_Amazon_Bedrock_Runtime.html
package struct BedrockRuntimeClient: AWSClient {
    package static let service = AWSService.bedrockRuntime
    // A model may think for minutes; nothing is on the wire then.
    package static let retries = RetryRules(deadline: .seconds(300))
    package static let limits = TransferLimits(total: .seconds(300), stall: .seconds(300), body: 4 << 20)

    private let client: AWSServiceClient
    private let bearer: Secret<String>?

    package init(_ client: AWSServiceClient) {
        self.client = client
        bearer = nil
    }

    /// A client that sends a bearer token, which works in its own region only.
    ///
    /// - Parameters:
    ///   - token: also names the region.
    ///   - endpoints: overrides of `AWS_ENDPOINT_URL_BEDROCK_RUNTIME` and `AWS_ENDPOINT_URL`.
    ///   - clientContext: transport and clock.
    /// - Throws: ``EndpointError``.
    package init(
        token: BedrockToken,
        endpoints: EndpointResolver,
        clientContext: AWSClientContext
    ) throws(EndpointError) {
        client = try AWSServiceClient(
            service: Self.service,
            region: token.region,
            credentials: nil,
            endpoints: endpoints,
            clientContext: clientContext,
            retries: Self.retries,
            limits: Self.limits
        )
        bearer = token.value
    }

    /// Sends one message to a model and returns its response; neither is kept.
    ///
    /// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
    ///
    /// - Parameters:
    ///   - text: the user's message.
    ///   - model: a model's or profile's id or ARN.
    ///   - maxTokens: in tokens.
    /// - Returns: the model's text, and the tokens used.
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func converse(_ text: String, model: String, maxTokens: Int) async throws -> ConverseResponse {
        guard (1...2048).contains(model.utf8.count) else {
            throw AWSError.invalidParameter(service: .bedrockRuntime, field: "modelId")
        }
        guard maxTokens > 0 else { throw AWSError.invalidParameter(service: .bedrockRuntime, field: "maxTokens") }
        let body = try JSONEncoder().encode(ConverseRequest(text: text, maxTokens: maxTokens))
        var call = AWSRequest("Converse", .post, "/model/\(PercentEncoding.encode(model))/converse", json: body)
        if let bearer {
            call.isSigned = false
            call.headers.append(("Authorization", "Bearer \(bearer.reveal())"))
        }
        let response = try await client.send(call, hiding: [bearer].compactMap { $0 })
        return try JSONResponse.decode(ConverseResponse.self, response, service: .bedrockRuntime)
    }
}

private struct ConverseRequest: Encodable {
    struct Message: Encodable {
        struct Content: Encodable { let text: String }
        let role = "user"
        let content: [Content]
    }
    struct Configuration: Encodable { let maxTokens: Int }

    let messages: [Message]
    let inferenceConfig: Configuration

    init(text: String, maxTokens: Int) {
        messages = [Message(content: [.init(text: text)])]
        inferenceConfig = Configuration(maxTokens: maxTokens)
    }
}

/// A model's response.
package struct ConverseResponse: Sendable, Equatable, Decodable {
    /// The text of all parts, joined; empty if the model only used tools.
    package let text: String
    /// `end_turn`, `max_tokens` and others.
    package let stopReason: String
    package let inputTokens: Int
    package let outputTokens: Int

    private enum CodingKeys: String, CodingKey {
        case output = "output"
        case stopReason = "stopReason"
        case usage = "usage"
    }

    private struct Output: Decodable {
        struct Message: Decodable {
            struct Content: Decodable { let text: String? }
            let content: [Content]
        }
        let message: Message
    }

    private struct Usage: Decodable {
        let inputTokens: Int
        let outputTokens: Int
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let output = try fields.decode(Output.self, forKey: .output)
        text = output.message.content.compactMap(\.text).joined()
        stopReason = try fields.decode(String.self, forKey: .stopReason)
        let usage = try fields.decode(Usage.self, forKey: .usage)
        inputTokens = usage.inputTokens
        outputTokens = usage.outputTokens
    }
}
