import BursarConsole
import BursarFoundation

/// What a stack's template says of what happens when the stack is deleted.
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
            // Other resources may have something else there.
            policyName = try? decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .policyName)
        }
    }

    enum CodingKeys: String, CodingKey {
        case resources = "Resources"
    }

    /// - Throws: ``UserFacingError`` for a template that isn't JSON, and so isn't ours.
    init(parsing text: String) throws(UserFacingError) {
        guard let template = try? JSONDecoder().decode(Self.self, from: Data(text.utf8)) else {
            throw UserFacingError(
                "the stack's template is not one that admin makes",
                hint: "delete the stack in AWS's console"
            )
        }
        self = template
    }

    /// Whether the resource of this name outlives the stack.
    func keeps(_ name: String) -> Bool {
        resources[name]?.deletionPolicy.map { $0 != "Delete" } ?? false
    }

    /// The names of the inline policies that the stack itself gives its roles.
    var inlinePolicies: Set<String> {
        Set(resources.values.filter { $0.type == "AWS::IAM::Policy" }.compactMap(\.properties?.policyName))
    }
}
