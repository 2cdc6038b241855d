/// What researchers do with Bedrock, as IAM names it.
enum BedrockActions {
    /// Converse and ConverseStream are authorised by these two.
    static let invocation = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]
    /// Without both, every bearer token that is made from a session gets 403.
    static let bearerTokens = ["bedrock:CallWithBearerToken", "bedrock-mantle:CallWithBearerToken"]
    static let listing = [
        "bedrock:ListFoundationModels", "bedrock:ListInferenceProfiles", "bedrock:GetInferenceProfile",
    ]
}
