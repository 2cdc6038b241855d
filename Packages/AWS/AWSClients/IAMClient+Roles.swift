import AWSAuth

extension IAMClient {
    /// The most characters of a role's inline policies together, blanks not counted.
    package static let longestRolePolicies = 10_240

    /// Returns the role of this name; nil if there is none.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func role(_ name: String) async throws -> IAMRole? {
        try IAMLimits.check(roleName: name)
        do {
            return try IAMRole(try await response("GetRole", [("RoleName", name)]))
        } catch AWSError.refused(let refusal) where refusal.isMissingEntity {
            return nil
        }
    }

    /// Puts an inline policy into a role, replacing one of the same name.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func putRolePolicy(_ policy: String, document: String, role: String) async throws {
        try IAMLimits.check(roleName: role)
        try IAMLimits.check(policyName: policy)
        try IAMLimits.check(document: document, most: Self.longestRolePolicies)
        try await perform(
            "PutRolePolicy",
            [("RoleName", role), ("PolicyName", policy), ("PolicyDocument", document)]
        )
    }

    /// Deletes an inline policy of a role.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRolePolicy.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func deleteRolePolicy(_ policy: String, role: String) async throws {
        try IAMLimits.check(roleName: role)
        try IAMLimits.check(policyName: policy)
        try await perform("DeleteRolePolicy", [("RoleName", role), ("PolicyName", policy)])
    }

    /// Returns the names of a role's inline policies.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRolePolicies.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func policies(ofRole role: String) async throws -> [String] {
        try IAMLimits.check(roleName: role)
        return try await pages("ListRolePolicies", [("RoleName", role)], list: "PolicyNames", read: Self.name)
    }

    /// Returns an inline policy of a role, as JSON; nil if the role or the policy doesn't exist.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRolePolicy.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func rolePolicy(_ policy: String, role: String) async throws -> String? {
        try IAMLimits.check(roleName: role)
        try IAMLimits.check(policyName: policy)
        do {
            let response = try await response("GetRolePolicy", [("RoleName", role), ("PolicyName", policy)])
            guard let document = Self.document(try response.text("PolicyDocument")) else {
                throw response.malformed("PolicyDocument")
            }
            return document
        } catch AWSError.refused(let refusal) where refusal.isMissingEntity {
            return nil
        }
    }

    /// Decodes a policy in a response, which AWS percent-encodes (RFC 3986).
    static func document(_ text: String) -> String? {
        PercentEncoding.decode(text)
    }
}

extension IAMClient {
    /// Returns the managed policies that are attached to a role.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedRolePolicies.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func attachedPolicies(ofRole role: String) async throws -> [AttachedPolicy] {
        try IAMLimits.check(roleName: role)
        return try await pages("ListAttachedRolePolicies", [("RoleName", role)], list: "AttachedPolicies") {
            AttachedPolicy($0)
        }
    }
}
