/// The actions of Bedrock that researchers use, as IAM names them.
enum BedrockActions {
    /// Converse, ConverseStream, Chat Completions and, against what its name says, bidirectional streams are authorised
    /// by these two.
    static let invocation = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]
    /// Whatever is authorised as an invocation, now or later.
    static let anyInvocation = ["bedrock:InvokeModel*"]
    /// The Responses API is authorised by this, on the account's default project beside the model.
    ///
    /// Not `GetInvoke`, `CancelInvoke` and `DeleteInvoke`: a stored response is no resource of IAM's, so whoever has
    /// them has everybody's responses in the account.
    static let response = ["bedrock:InvokeModel"]
    /// Without it every bearer token that is made from a session gets 403 from `bedrock-runtime`.
    static let bearerTokens = ["bedrock:CallWithBearerToken"]
    /// CountTokens costs nothing, and tools call it before they invoke.
    static let listing = [
        "bedrock:ListFoundationModels", "bedrock:ListInferenceProfiles", "bedrock:GetInferenceProfile",
        "bedrock:CountTokens",
    ]
    /// The other endpoint, `bedrock-mantle`: neither opens anything without the other.
    static let mantleInference = ["bedrock-mantle:CreateInference"]
    static let mantleBearerTokens = ["bedrock-mantle:CallWithBearerToken"]
}
