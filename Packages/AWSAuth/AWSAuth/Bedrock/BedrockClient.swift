import BursarFoundation
import BursarHTTP

/// Amazon Bedrock's control plane: which models and inference profiles there are.
///
/// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_Operations_Amazon_Bedrock.html. That a model is listed
/// doesn't mean that the caller may invoke it.
public struct BedrockClient: Sendable {
    let connection: AWSServiceClient

    /// Pages that are read at most; AWS answers up to 1,000 profiles on each.
    static let mostPages = 50

    /// A client of one region.
    ///
    /// - Parameters:
    ///   - region: models differ between regions.
    ///   - credentials: who calls.
    ///   - endpoints: overrides of `AWS_ENDPOINT_URL_BEDROCK` and `AWS_ENDPOINT_URL`.
    ///   - clientContext: transport and clock.
    /// - Throws: ``EndpointError``.
    public init(
        region: String,
        credentials: any CredentialProvider,
        endpoints: EndpointResolver,
        clientContext: AWSClientContext
    ) throws(EndpointError) {
        connection = AWSServiceClient(
            service: .bedrock,
            endpoint: try endpoints.endpoint(for: .bedrock, region: region),
            credentials: credentials,
            clientContext: clientContext
        )
    }

    /// The region's foundation models.
    ///
    /// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListFoundationModels.html
    ///
    /// - Parameter provider: `Anthropic`, `Meta`; nil for all.
    /// - Returns: models in AWS's order.
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    public func foundationModels(provider: String? = nil) async throws -> [FoundationModel] {
        struct ResponseBody: Decodable { let modelSummaries: [FoundationModel] }
        let query = provider.map { "?byProvider=\(PercentEncoding.encode($0))" } ?? ""
        let response = try await connection.send(
            AWSRequest("ListFoundationModels", .get, "/foundation-models\(query)")
        )
        return try JSONResponse.decode(ResponseBody.self, response, service: .bedrock).modelSummaries
    }

    /// The inference profiles that the account can use in the region, its own ones or AWS's.
    ///
    /// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListInferenceProfiles.html
    ///
    /// - Parameter kind: nil for AWS's (`SYSTEM_DEFINED`), as the service has it.
    /// - Returns: the profiles of all pages, 50 at most.
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    public func inferenceProfiles(kind: InferenceProfile.Kind? = nil) async throws -> [InferenceProfile] {
        struct ResponseBody: Decodable {
            let inferenceProfileSummaries: [InferenceProfile]
            let nextToken: String?
        }
        var profiles: [InferenceProfile] = []
        var next: String?
        for _ in 0..<Self.mostPages {
            var query = "maxResults=1000"
            if let next { query += "&nextToken=\(PercentEncoding.encode(next))" }
            if let kind { query += "&type=\(kind.rawValue)" }
            let call = AWSRequest("ListInferenceProfiles", .get, "/inference-profiles?\(query)")
            let page = try JSONResponse.decode(ResponseBody.self, try await connection.send(call), service: .bedrock)
            profiles += page.inferenceProfileSummaries
            guard let token = page.nextToken, !token.isEmpty else { break }
            next = token
        }
        return profiles
    }
}
