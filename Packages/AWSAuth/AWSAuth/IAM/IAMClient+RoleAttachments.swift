extension IAMClient {
    /// The managed policies that are attached to a role.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedRolePolicies.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    public func attachedPolicies(ofRole role: String) async throws -> [AttachedPolicy] {
        try IAMLimits.check(roleName: role)
        return try await pages("ListAttachedRolePolicies", [("RoleName", role)], list: "AttachedPolicies") {
            AttachedPolicy($0)
        }
    }
}
