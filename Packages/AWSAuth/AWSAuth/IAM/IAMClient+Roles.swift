extension IAMClient {
    /// Characters that a role's inline policies may have together, blanks not counted.
    public static let longestRolePolicies = 10_240

    /// The role of this name; nil when there is none.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    public func role(_ name: String) async throws -> IAMRole? {
        try IAMLimits.check(roleName: name)
        do {
            return try IAMRole(try await answer("GetRole", [("RoleName", name)]))
        } catch AWSError.refused(let refusal) where refusal.isMissingEntity {
            return nil
        }
    }

    /// Writes an inline policy into a role, in place of one of the same name.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    public func putRolePolicy(_ policy: String, document: String, role: String) async throws {
        try IAMLimits.check(roleName: role)
        try IAMLimits.check(policyName: policy)
        try IAMLimits.check(document: document, most: Self.longestRolePolicies)
        try await perform(
            "PutRolePolicy",
            [("RoleName", role), ("PolicyName", policy), ("PolicyDocument", document)]
        )
    }

    /// Takes an inline policy away from a role.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRolePolicy.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    public func deleteRolePolicy(_ policy: String, role: String) async throws {
        try IAMLimits.check(roleName: role)
        try IAMLimits.check(policyName: policy)
        try await perform("DeleteRolePolicy", [("RoleName", role), ("PolicyName", policy)])
    }

    /// The names of a role's inline policies.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRolePolicies.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    public func policies(ofRole role: String) async throws -> [String] {
        try IAMLimits.check(roleName: role)
        return try await pages("ListRolePolicies", [("RoleName", role)], list: "PolicyNames", read: Self.name)
    }

    /// An inline policy of a role, as JSON; nil when role or policy isn't there.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRolePolicy.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    public func rolePolicy(_ policy: String, role: String) async throws -> String? {
        try IAMLimits.check(roleName: role)
        try IAMLimits.check(policyName: policy)
        do {
            let answer = try await answer("GetRolePolicy", [("RoleName", role), ("PolicyName", policy)])
            guard let document = Self.document(try answer.text("PolicyDocument")) else {
                throw answer.malformed("PolicyDocument")
            }
            return document
        } catch AWSError.refused(let refusal) where refusal.isMissingEntity {
            return nil
        }
    }

    /// A policy as it stands in an answer: percent-encoded (RFC 3986), as AWS has them.
    static func document(_ text: String) -> String? {
        PercentEncoding.decode(text)
    }
}
