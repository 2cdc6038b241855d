import BursarFoundation
import BursarHTTP
import BursarModel

/// Amazon Bedrock's runtime: asks a model something.
///
/// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_Operations_Amazon_Bedrock_Runtime.html
public struct BedrockRuntimeClient: Sendable {
    let connection: AWSServiceClient
    private let bearer: Secret<String>?

    /// A client that signs its calls.
    ///
    /// - Parameters:
    ///   - region: where the model is invoked.
    ///   - credentials: who calls.
    ///   - endpoints: overrides of `AWS_ENDPOINT_URL_BEDROCK_RUNTIME` and `AWS_ENDPOINT_URL`.
    ///   - clientContext: transport and clock.
    /// - Throws: ``EndpointError``.
    public init(
        region: String,
        credentials: any CredentialProvider,
        endpoints: EndpointResolver,
        clientContext: AWSClientContext
    ) throws(EndpointError) {
        try self.init(region, credentials, nil, endpoints, clientContext)
    }

    /// A client that sends a bearer token, which works in its own region only.
    ///
    /// - Parameters:
    ///   - token: also names the region.
    ///   - endpoints: overrides of `AWS_ENDPOINT_URL_BEDROCK_RUNTIME` and `AWS_ENDPOINT_URL`.
    ///   - clientContext: transport and clock.
    /// - Throws: ``EndpointError``.
    public init(
        token: BedrockToken,
        endpoints: EndpointResolver,
        clientContext: AWSClientContext
    ) throws(EndpointError) {
        try self.init(token.region, nil, token.value, endpoints, clientContext)
    }

    private init(
        _ region: String,
        _ credentials: (any CredentialProvider)?,
        _ bearer: Secret<String>?,
        _ endpoints: EndpointResolver,
        _ clientContext: AWSClientContext
    ) throws(EndpointError) {
        var connection = AWSServiceClient(
            service: .bedrockRuntime,
            endpoint: try endpoints.endpoint(for: .bedrockRuntime, region: region),
            credentials: credentials,
            clientContext: clientContext
        )
        // A model may think for minutes; nothing is on the wire then.
        connection.limits = TransferLimits(total: .seconds(300), stall: .seconds(300), body: 4 << 20)
        connection.retries.deadline = .seconds(300)
        self.connection = connection
        self.bearer = bearer
    }

    /// One question, one answer; nothing is kept of either.
    ///
    /// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
    ///
    /// - Parameters:
    ///   - text: what the user says.
    ///   - model: a model's or profile's id or ARN.
    ///   - longestAnswer: in tokens.
    /// - Returns: what the model says, and what it cost.
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    public func converse(_ text: String, model: String, longestAnswer: Int) async throws -> ConverseResponse {
        guard (1...2048).contains(model.utf8.count) else {
            throw AWSError.invalidParameter(service: .bedrockRuntime, field: "modelId")
        }
        guard longestAnswer > 0 else { throw AWSError.invalidParameter(service: .bedrockRuntime, field: "maxTokens") }
        let body = try JSONEncoder().encode(ConverseRequest(text: text, maxTokens: longestAnswer))
        var call = AWSRequest("Converse", .post, "/model/\(PercentEncoding.encode(model))/converse", json: body)
        if let bearer {
            call.isSigned = false
            call.headers.append(("Authorization", "Bearer \(bearer.reveal())"))
        }
        let response = try await connection.send(call, hiding: [bearer].compactMap { $0 })
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
