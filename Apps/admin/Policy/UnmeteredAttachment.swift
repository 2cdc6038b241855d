import AWSAuth
import BursarConsole

/// A managed policy of AWS's on the researchers' role that opens ways to spend which no invocation log shows, or shows
/// without their price.
struct UnmeteredAttachment: Sendable, Equatable {
    let policy: String
    let role: String
    let arn: String

    /// Names of AWS's policies: each opens `bedrock-mantle`, provisioned throughput, batch jobs, agents or endpoints, or
    /// Anthropic's own API.
    ///
    /// https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
    private static let names: Set<String> = [
        "AdministratorAccess", "PowerUserAccess", "AmazonBedrockFullAccess", "AmazonBedrockLimitedAccess",
        "AmazonSageMakerFullAccess", "BedrockAgentCoreFullAccess", "CloudWatchOmniModelInferencePolicy",
    ]
    private static let families = ["AmazonBedrockMantle", "AmazonBedrockAgentCore", "Anthropic"]

    /// nil for a policy that opens nothing of the kind, or is the account's own, which may do anything.
    init?(_ attached: AttachedPolicy, role: String) {
        guard (try? ARN(attached.arn))?.account == "aws", !attached.name.contains("ReadOnly"),
            Self.names.contains(attached.name) || Self.families.contains(where: { attached.name.hasPrefix($0) })
        else { return nil }
        policy = attached.name
        self.role = role
        arn = attached.arn
    }

    var problem: UserFacingError {
        UserFacingError(
            "\(policy) is attached to the researchers' role \(role): it opens spending that no invocation log meters",
            hint: "aws iam detach-role-policy --role-name \(role) --policy-arn \(arn)"
        )
    }
}
