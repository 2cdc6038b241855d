/// What a model said.
public struct ConverseResponse: Sendable, Equatable, Decodable {
    /// Its text, pieces joined; empty when it only used tools.
    public let text: String
    /// `end_turn`, `max_tokens` and others.
    public let stopReason: String
    public let inputTokens: Int
    public let outputTokens: Int

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

    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let output = try fields.decode(Output.self, forKey: .output)
        text = output.message.content.compactMap(\.text).joined()
        stopReason = try fields.decode(String.self, forKey: .stopReason)
        let usage = try fields.decode(Usage.self, forKey: .usage)
        inputTokens = usage.inputTokens
        outputTokens = usage.outputTokens
    }
}
