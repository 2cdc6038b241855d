package import AWSAuth
import BursarFoundation
import BursarHTTP
import BursarModel

/// A client of Amazon Bedrock's control plane: its models and inference profiles.
///
/// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_Operations_Amazon_Bedrock.html. That a model is listed
/// doesn't mean that the caller may invoke it.
package struct BedrockClient: AWSClient {
    package static let service = AWSService.bedrock
    let client: AWSServiceClient

    /// The most pages that are read; AWS returns up to 1,000 profiles on each.
    static let mostPages = 50

    package init(_ client: AWSServiceClient) {
        self.client = client
    }

    /// Returns the region's foundation models.
    ///
    /// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListFoundationModels.html
    ///
    /// - Parameter provider: `Anthropic`, `Meta`; nil for all.
    /// - Returns: models in AWS's order.
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func foundationModels(provider: String? = nil) async throws -> [FoundationModel] {
        struct ResponseBody: Decodable { let modelSummaries: [FoundationModel] }
        let query = provider.map { "?byProvider=\(PercentEncoding.encode($0))" } ?? ""
        let response = try await client.send(
            AWSRequest("ListFoundationModels", .get, "/foundation-models\(query)")
        )
        return try JSONResponse.decode(ResponseBody.self, response, service: .bedrock).modelSummaries
    }

    /// Returns the inference profiles that the account can use in the region, its own or AWS's.
    ///
    /// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListInferenceProfiles.html
    ///
    /// - Parameter kind: nil for AWS's (`SYSTEM_DEFINED`), as the service has it.
    /// - Returns: the profiles of all pages, 50 at most.
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func inferenceProfiles(kind: InferenceProfile.Kind? = nil) async throws -> [InferenceProfile] {
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
            let page = try JSONResponse.decode(ResponseBody.self, try await client.send(call), service: .bedrock)
            profiles += page.inferenceProfileSummaries
            guard let token = page.nextToken, !token.isEmpty else { break }
            next = token
        }
        return profiles
    }

    /// Returns an inference profile, the account's own or AWS's; nil if there is none.
    ///
    /// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_GetInferenceProfile.html
    ///
    /// - Parameter identifier: its id or ARN.
    /// - Returns: the profile, with its models.
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func inferenceProfile(_ identifier: String) async throws -> InferenceProfile? {
        guard (1...2048).contains(identifier.utf8.count),
            identifier.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "-:./".utf8.contains($0) })
        else { throw AWSError.invalidParameter(service: .bedrock, field: "inferenceProfileIdentifier") }
        let target = "/inference-profiles/\(PercentEncoding.encode(identifier))"
        do {
            let response = try await client.send(AWSRequest("GetInferenceProfile", .get, target))
            return try JSONResponse.decode(InferenceProfile.self, response, service: .bedrock)
        } catch AWSError.refused(let refusal) where refusal.code == "ResourceNotFoundException" {
            return nil
        }
    }
}

/// A model in Bedrock's list.
///
/// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_FoundationModelSummary.html
package struct FoundationModel: Sendable, Equatable, Decodable {
    package let arn: String
    /// The id in invocations: `anthropic.claude-3-haiku-20240307-v1:0`.
    package let id: String
    package let name: String?
    package let provider: String?
    /// `TEXT`, `IMAGE`.
    package let inputModalities: [String]
    package let outputModalities: [String]
    /// `ON_DEMAND`, `PROVISIONED`, `INFERENCE_PROFILE`: the last is invoked through a profile only.
    package let inferenceTypes: [String]
    /// `ACTIVE` or `LEGACY`.
    package let status: String?

    private enum CodingKeys: String, CodingKey {
        case arn = "modelArn"
        case id = "modelId"
        case name = "modelName"
        case provider = "providerName"
        case inputModalities = "inputModalities"
        case outputModalities = "outputModalities"
        case inferenceTypes = "inferenceTypesSupported"
        case lifecycle = "modelLifecycle"
    }

    private struct Lifecycle: Decodable {
        let status: String?
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        arn = try fields.decode(String.self, forKey: .arn)
        id = try fields.decode(String.self, forKey: .id)
        name = try fields.decodeIfPresent(String.self, forKey: .name)
        provider = try fields.decodeIfPresent(String.self, forKey: .provider)
        inputModalities = try fields.list(.inputModalities)
        outputModalities = try fields.list(.outputModalities)
        inferenceTypes = try fields.list(.inferenceTypes)
        status = try fields.decodeIfPresent(Lifecycle.self, forKey: .lifecycle)?.status
    }
}

/// An inference profile: a model over several regions, or with the account's own tags.
///
/// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_InferenceProfileSummary.html
package struct InferenceProfile: Sendable, Equatable, Decodable {
    /// The maker of the profile: AWS or the account.
    package enum Kind: String, Sendable, Decodable {
        case systemDefined = "SYSTEM_DEFINED"
        case application = "APPLICATION"
    }

    package let arn: String
    /// The id in invocations: `eu.anthropic.claude-3-haiku-20240307-v1:0`.
    package let id: String
    package let name: String
    /// nil for a kind that this version doesn't know.
    package let kind: Kind?
    package let status: String?
    package let modelARNs: [String]

    private enum CodingKeys: String, CodingKey {
        case arn = "inferenceProfileArn"
        case id = "inferenceProfileId"
        case name = "inferenceProfileName"
        case kind = "type"
        case status = "status"
        case models = "models"
    }

    private struct Model: Decodable {
        let modelArn: String?
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        arn = try fields.decode(String.self, forKey: .arn)
        id = try fields.decode(String.self, forKey: .id)
        name = try fields.decode(String.self, forKey: .name)
        kind = try fields.decodeIfPresent(String.self, forKey: .kind).flatMap { Kind(rawValue: $0) }
        status = try fields.decodeIfPresent(String.self, forKey: .status)
        modelARNs = try fields.list(.models, of: Model.self).compactMap(\.modelArn)
    }
}

extension KeyedDecodingContainer {
    /// A list that Bedrock may leave out when it is empty.
    fileprivate func list<Element: Decodable>(_ key: Key, of: Element.Type = String.self) throws -> [Element] {
        try decodeIfPresent([Element].self, forKey: key) ?? []
    }
}
