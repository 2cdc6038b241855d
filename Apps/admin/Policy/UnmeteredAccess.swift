import AWSAuth
import ArgumentParser
import BursarConsole

/// What researchers may do besides, that the model invocation log doesn't meter: the same options wherever a policy for
/// them is made.
struct UnmeteredAccess: ParsableArguments {
    @Flag(inversion: .prefixedNo, help: "global. inference profiles too, which AWS serves from anywhere.")
    var allowGlobal: Bool?
    @Flag(inversion: .prefixedNo, help: "Bidirectional streams too (Nova Sonic); not metered by invocation logs.")
    var allowStreams: Bool?
    @Flag(inversion: .prefixedNo, help: "The priority and reserved service tiers too, which cost more.")
    var allowTiers: Bool?
    @Flag(inversion: .prefixedNo, help: "The bedrock-mantle endpoint too; not metered by invocation logs.")
    var mantle: Bool?

    /// Opens in `policy` what is asked for; nil leaves it as it is.
    func open(_ policy: inout AccessPolicy) {
        policy.allowsStreams = allowStreams ?? policy.allowsStreams
        policy.allowsTiers = allowTiers ?? policy.allowsTiers
        policy.allowsMantle = mantle ?? policy.allowsMantle
    }
}

extension AccessPolicy {
    /// What a policy opens that no log of Bedrock's shows, or not at its price.
    var unmetered: [UserFacingError] {
        var warnings: [UserFacingError] = []
        if allowsMantle {
            warnings.append(
                UserFacingError(
                    "bedrock-mantle is open: not metered by invocation logs",
                    hint: "keys with --models don't reach it; the bill alone shows what others spend there"
                )
            )
        }
        if allowsStreams {
            warnings.append(UserFacingError("bidirectional streams are open: not metered by invocation logs"))
        }
        if allowsTiers {
            warnings.append(
                UserFacingError(
                    "the priority and reserved tiers are open: they cost more than a log without bodies tells"
                )
            )
        }
        return warnings
    }
}

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
