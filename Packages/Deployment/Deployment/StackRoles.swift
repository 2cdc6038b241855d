import AWSAuth
package import AWSClients
import BursarConsole

/// An inline policy that denies revoked sessions.
package struct SessionDeny: Sendable {
    package let role: String
    package let policy: String
}

extension StackDeployment {
    /// Returns the denies on a stack's roles.
    package func denies(in resources: [StackResource]) async throws -> [SessionDeny] {
        var denies: [SessionDeny] = []
        for role in Self.roles(in: resources) {
            denies += try await inlinePolicies(ofRole: role).filter { $0.hasPrefix(SessionRevocationPolicy.prefix) }
                .map { SessionDeny(role: role, policy: $0) }
        }
        return denies
    }

    /// AWS managed policies on the researchers' role that allow unmetered calls; nil, with a warning, if listing fails.
    package func unmeteredAttachments(in resources: [StackResource]) async throws -> [UnmeteredAttachment]? {
        let own = resources.first { $0.logicalID == StackParts.Name.bedrockRole.rawValue && $0.status != .deleted }
        guard let role = own?.physicalID else { return [] }
        do {
            return try await attachedPolicies(ofRole: role).compactMap { UnmeteredAttachment($0, role: role) }
        } catch AWSError.refused(let refusal) where refusal.isDenied {
            terminal.note("which managed policies the researchers' role has can't be told: no \(refusal.operation)")
            return nil
        }
    }

    /// Returns the names of the existing roles.
    package static func roles(in resources: [StackResource]) -> [String] {
        resources.filter { $0.type == "AWS::IAM::Role" && $0.status != .deleted }.compactMap(\.physicalID)
    }

    /// Returns the names of a role's inline policies; none for a deleted role.
    package func inlinePolicies(ofRole role: String) async throws -> [String] {
        do {
            return try await clients.iam.policies(of: .role(role))
        } catch AWSError.refused(let refusal) where refusal.isMissingEntity {
            return []
        }
    }

    /// Returns a role's managed policies; none for a deleted role.
    package func attachedPolicies(ofRole role: String) async throws -> [AttachedPolicy] {
        do {
            return try await clients.iam.attachedPolicies(of: .role(role))
        } catch AWSError.refused(let refusal) where refusal.isMissingEntity {
            return []
        }
    }
}
