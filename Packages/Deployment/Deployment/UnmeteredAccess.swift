import AWSAuth
package import AWSClients
package import BursarConsole

/// Permissions for calls that the model invocation log doesn't meter; nil for an option that isn't given.
package struct UnmeteredAccess: Equatable, Sendable {
    package var allowGlobal: Bool?
    package var allowStreams: Bool?
    package var allowTiers: Bool?
    package var mantle: Bool?

    package init() {}

    /// Adds the requested permissions to `policy`; nil leaves it as it is.
    package func open(_ policy: inout AccessPolicy) {
        policy.allowsStreams = allowStreams ?? policy.allowsStreams
        policy.allowsTiers = allowTiers ?? policy.allowsTiers
        policy.allowsMantle = mantle ?? policy.allowsMantle
    }
}

extension AccessPolicy {
    /// Warnings about permissions that no Bedrock log shows, or not at their price.
    package var unmetered: [UserFacingError] {
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

/// An AWS managed policy on the researchers' role that allows spending which no invocation log shows, or shows without
/// its price.
package struct UnmeteredAttachment: Sendable, Equatable {
    package let policy: String
    package let role: String
    package let arn: String

    /// AWS's policies: each allows `bedrock-mantle`, provisioned throughput, batch jobs, agents or endpoints, or
    /// Anthropic's own API.
    ///
    /// https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
    private static let names: Set<String> = [
        "AdministratorAccess", "PowerUserAccess", "AmazonBedrockFullAccess", "AmazonBedrockLimitedAccess",
        "AmazonSageMakerFullAccess", "BedrockAgentCoreFullAccess", "CloudWatchOmniModelInferencePolicy",
    ]
    private static let families = ["AmazonBedrockMantle", "AmazonBedrockAgentCore", "Anthropic"]

    /// Returns nil for a policy that allows nothing of the kind, or is the account's own, which may allow anything.
    package init?(_ attached: AttachedPolicy, role: String) {
        guard (try? ARN(attached.arn))?.account == "aws", !attached.name.contains("ReadOnly"),
            Self.names.contains(attached.name) || Self.families.contains(where: { attached.name.hasPrefix($0) })
        else { return nil }
        policy = attached.name
        self.role = role
        arn = attached.arn
    }

    package var problem: UserFacingError {
        UserFacingError(
            "\(policy) is attached to the researchers' role \(role): it opens spending that no invocation log meters",
            hint: "aws iam detach-role-policy --role-name \(role) --policy-arn \(arn)"
        )
    }
}
