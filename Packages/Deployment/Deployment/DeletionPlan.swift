import AWSAuth
import AWSClients
import BursarConsole
import BursarFoundation

/// The effect of a stack's deletion on its resources.
package struct DeletionPlan: Sendable {
    package static let volume = "AWS::EC2::Volume"
    package static let logGroup = "AWS::Logs::LogGroup"

    package enum Disposition: String, Encodable, Sendable {
        case deleted
        /// CloudFormation retains it, and so does admin.
        case kept
        /// CloudFormation retains it, so admin deletes it first.
        case deletedToo = "deleted too"
    }

    package struct Row: Encodable, Sendable {
        package let resource: String
        package let disposition: Disposition
        package let type: String
        package let id: String?
    }

    package let rows: [Row]

    /// `deleted` are the types to delete although the stack retains them.
    init(_ resources: [StackResource], _ template: DeployedTemplate, alsoDeleting deleted: Set<String>) {
        let there = resources.filter { $0.status != .deleted && $0.status.rawValue != "DELETE_SKIPPED" }
        rows = there.map { resource in
            let isKept = template.keeps(resource.logicalID)
            let disposition: Disposition = !isKept ? .deleted : deleted.contains(resource.type) ? .deletedToo : .kept
            return Row(
                resource: resource.logicalID,
                disposition: disposition,
                type: resource.type,
                id: resource.physicalID
            )
        }
        .sorted { $0.resource < $1.resource }
    }

    package var kept: [Row] { rows.filter { $0.disposition == .kept } }

    /// The ids of resources that admin itself has to delete.
    package func ids(_ type: String) -> [String] {
        rows.filter { $0.disposition == .deletedToo && $0.type == type }.compactMap(\.id)
    }
}

/// The deletion policies in a stack's template.
struct DeployedTemplate: Decodable, Sendable {
    private let resources: [String: Resource]

    private struct Resource: Decodable, Sendable {
        let type: String
        let deletionPolicy: String?
        let properties: Properties?

        enum CodingKeys: String, CodingKey {
            case type = "Type"
            case deletionPolicy = "DeletionPolicy"
            case properties = "Properties"
        }
    }

    private struct Properties: Decodable, Sendable {
        let policyName: String?

        enum CodingKeys: String, CodingKey {
            case policyName = "PolicyName"
        }

        init(from decoder: any Decoder) throws {
            // Other resources may have another type of value there.
            policyName = try? decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .policyName)
        }
    }

    enum CodingKeys: String, CodingKey {
        case resources = "Resources"
    }

    /// - Throws: ``UserFacingError`` for a template that isn't JSON, and so isn't admin's.
    init(parsing text: String) throws(UserFacingError) {
        guard let template = try? JSONDecoder().decode(Self.self, from: Data(text.utf8)) else {
            throw UserFacingError(
                "the stack's template is not one that admin makes",
                hint: "delete the stack in AWS's console"
            )
        }
        self = template
    }

    /// Returns true if the resource outlives the stack.
    func keeps(_ name: String) -> Bool {
        resources[name]?.deletionPolicy.map { $0 != "Delete" } ?? false
    }

    /// The names of the inline policies that the stack itself gives its roles.
    var inlinePolicies: Set<String> {
        Set(resources.values.filter { $0.type == "AWS::IAM::Policy" }.compactMap(\.properties?.policyName))
    }
}
