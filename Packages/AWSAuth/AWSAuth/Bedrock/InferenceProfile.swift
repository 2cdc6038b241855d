/// A way to invoke a model over several regions, or with tags of one's own.
///
/// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_InferenceProfileSummary.html
public struct InferenceProfile: Sendable, Equatable, Decodable {
    /// Who made it.
    public enum Kind: String, Sendable, Decodable {
        case systemDefined = "SYSTEM_DEFINED"
        case application = "APPLICATION"
    }

    public let arn: String
    /// What invocations name: `eu.anthropic.claude-3-haiku-20240307-v1:0`.
    public let id: String
    public let name: String
    /// nil for a kind that came after this was written.
    public let kind: Kind?
    public let status: String?
    public let modelARNs: [String]

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

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        arn = try fields.decode(String.self, forKey: .arn)
        id = try fields.decode(String.self, forKey: .id)
        name = try fields.decode(String.self, forKey: .name)
        kind = try fields.decodeIfPresent(String.self, forKey: .kind).flatMap { Kind(rawValue: $0) }
        status = try fields.decodeIfPresent(String.self, forKey: .status)
        modelARNs = try fields.decodeIfPresent([Model].self, forKey: .models)?.compactMap(\.modelArn) ?? []
    }
}
