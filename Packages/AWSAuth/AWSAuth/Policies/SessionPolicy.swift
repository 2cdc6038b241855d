package import BursarCore

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// What narrows one researcher's session below what the role allows.
///
/// A session policy intersects with the role's, so it has to allow all that the session is to do, listing and bearer
/// tokens too. https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
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

    /// Whether there is nothing to narrow, so that no policy is sent.
    package var isEmpty: Bool { models == nil && addresses == nil && end == nil }

    /// The policy for one partition, as compact JSON.
    package func document(_ partition: Partition) throws -> String {
        var statements: [Statement] = []
        if let models {
            statements.append(Statement(action: Self.general, resource: ["*"]))
            statements.append(Statement(action: Self.invocation, resource: resources(models, partition)))
        } else {
            statements.append(Statement(action: ["*"], resource: ["*"]))
        }
        if let end {
            let condition = ["DateGreaterThanEquals": ["aws:CurrentTime": [Timestamp.string(end)]]]
            statements.append(Statement(denying: condition))
        }
        if let addresses {
            let condition = ["NotIpAddress": ["aws:SourceIp": addresses.blocks.map(\.description)]]
            statements.append(Statement(denying: condition))
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(Document(statement: statements)), as: UTF8.self)
    }

    /// Without the first two, every bearer token that is made from the session gets 403.
    private static let general = [
        "bedrock:CallWithBearerToken", "bedrock-mantle:CallWithBearerToken", "bedrock:ListFoundationModels",
        "bedrock:ListInferenceProfiles", "bedrock:GetInferenceProfile",
    ]

    /// Converse and ConverseStream are authorised by these two.
    private static let invocation = ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"]

    /// An inference profile leads to foundation models, each of which is checked by itself.
    private func resources(_ models: ModelList, _ partition: Partition) -> [String] {
        let arn = "arn:\(partition.rawValue):bedrock:*:"
        return ["\(arn)*:inference-profile/*", "\(arn)*:application-inference-profile/*"]
            + models.patterns.map { "\(arn):foundation-model/\($0)" }
    }

    private struct Document: Encodable {
        let version = "2012-10-17"
        let statement: [Statement]

        enum CodingKeys: String, CodingKey {
            case version = "Version"
            case statement = "Statement"
        }
    }

    private struct Statement: Encodable {
        let effect: String
        let action: [String]
        let resource: [String]
        let condition: [String: [String: [String]]]?

        init(action: [String], resource: [String]) {
            effect = "Allow"
            self.action = action
            self.resource = resource
            condition = nil
        }

        init(denying condition: [String: [String: [String]]]) {
            effect = "Deny"
            action = ["*"]
            resource = ["*"]
            self.condition = condition
        }

        enum CodingKeys: String, CodingKey {
            case effect = "Effect"
            case action = "Action"
            case resource = "Resource"
            case condition = "Condition"
        }
    }
}
