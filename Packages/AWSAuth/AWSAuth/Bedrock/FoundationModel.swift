/// A model as Bedrock lists it.
///
/// https://docs.aws.amazon.com/bedrock/latest/APIReference/API_FoundationModelSummary.html
public struct FoundationModel: Sendable, Equatable, Decodable {
    public let arn: String
    /// What invocations name: `anthropic.claude-3-haiku-20240307-v1:0`.
    public let id: String
    public let name: String?
    public let provider: String?
    /// `TEXT`, `IMAGE`.
    public let inputModalities: [String]
    public let outputModalities: [String]
    /// `ON_DEMAND`, `PROVISIONED`, `INFERENCE_PROFILE`: the last is invoked through a profile only.
    public let inferenceTypes: [String]
    /// `ACTIVE` or `LEGACY`.
    public let status: String?

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

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        arn = try fields.decode(String.self, forKey: .arn)
        id = try fields.decode(String.self, forKey: .id)
        name = try fields.decodeIfPresent(String.self, forKey: .name)
        provider = try fields.decodeIfPresent(String.self, forKey: .provider)
        inputModalities = try fields.decodeIfPresent([String].self, forKey: .inputModalities) ?? []
        outputModalities = try fields.decodeIfPresent([String].self, forKey: .outputModalities) ?? []
        inferenceTypes = try fields.decodeIfPresent([String].self, forKey: .inferenceTypes) ?? []
        status = try fields.decodeIfPresent(Lifecycle.self, forKey: .lifecycle)?.status
    }
}
