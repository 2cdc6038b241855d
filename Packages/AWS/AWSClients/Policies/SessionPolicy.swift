package import AWSAuth
package import BursarFoundation
package import BursarModel

/// The session policy of one researcher, which narrows the role's permissions.
///
/// A session policy intersects with the role's, so it has to allow all that the session is to do, listing and bearer
/// tokens too. One that names models leaves `bedrock-mantle` out: a narrowed key doesn't reach it.
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
package struct SessionPolicy: Sendable, Equatable {
    /// Characters that STS takes at most; it also limits a packed size that only it can tell.
    package static let longest = 2048

    /// The only foundation models that may be invoked; nil is all that the role allows.
    package var models: ModelList?
    /// The only addresses that AWS takes requests from; nil is any.
    package var addresses: AddressList?
    /// From when on everything is denied.
    package var end: Date?

    package init(models: ModelList? = nil, addresses: AddressList? = nil, end: Date? = nil) {
        self.models = models
        self.addresses = addresses
        self.end = end
    }

    /// True if nothing is narrowed, so that no policy is sent.
    package var isEmpty: Bool { models == nil && addresses == nil && end == nil }

    /// The policy for one partition, as compact JSON.
    package func document(_ partition: Partition) throws -> String {
        try policy(partition).compact()
    }

    /// The policy for one partition.
    package func policy(_ partition: Partition) -> PolicyDocument {
        var statements: [PolicyDocument.Statement] = []
        if let models {
            let general = BedrockActions.bearerTokens + BedrockActions.listing
            statements.append(PolicyDocument.Statement(action: general, resource: ["*"]))
            statements.append(
                PolicyDocument.Statement(action: BedrockActions.invocation, resource: resources(models, partition))
            )
        } else {
            statements.append(PolicyDocument.Statement(action: ["*"], resource: ["*"]))
        }
        if let end {
            statements.append(
                Self.deny(["DateGreaterThanEquals": ["aws:CurrentTime": [Timestamp.string(end)]]])
            )
        }
        if let addresses {
            statements.append(
                Self.deny(["NotIpAddress": ["aws:SourceIp": addresses.blocks.map(\.description)]])
            )
        }
        return PolicyDocument(statements)
    }

    private static func deny(_ condition: PolicyDocument.Conditions) -> PolicyDocument.Statement {
        PolicyDocument.Statement(effect: .deny, action: ["*"], resource: ["*"], condition: condition)
    }

    /// The models, the profiles that lead to them, and the project that the Responses API is checked on as well.
    ///
    /// An inference profile leads to foundation models, each of which is checked by itself. What the role denies or
    /// ties to regions stays so: the two intersect.
    private func resources(_ models: ModelList, _ partition: Partition) -> [String] {
        let arn = "arn:\(partition.rawValue):bedrock:*:"
        return ["\(arn)*:inference-profile/*", "\(arn)*:application-inference-profile/*", "\(arn)*:project/default"]
            + models.patterns.map { "\(arn):foundation-model/\($0)" }
    }
}
