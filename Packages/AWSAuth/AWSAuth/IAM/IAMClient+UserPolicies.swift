extension IAMClient {
    /// Characters that a user's inline policies may have together, blanks not counted.
    public static let longestUserPolicies = 2048

    /// Writes an inline policy into a user, in place of one of the same name.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPolicy.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    public func putUserPolicy(_ policy: String, document: String, user: String) async throws {
        try IAMLimits.check(userName: user)
        try IAMLimits.check(policyName: policy)
        try IAMLimits.check(document: document, most: Self.longestUserPolicies)
        try await perform(
            "PutUserPolicy",
            [("UserName", user), ("PolicyName", policy), ("PolicyDocument", document)]
        )
    }

    /// Takes an inline policy away from a user.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUserPolicy.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    public func deleteUserPolicy(_ policy: String, user: String) async throws {
        try IAMLimits.check(userName: user)
        try IAMLimits.check(policyName: policy)
        try await perform("DeleteUserPolicy", [("UserName", user), ("PolicyName", policy)])
    }

    /// The names of a user's inline policies.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUserPolicies.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    public func policies(ofUser user: String) async throws -> [String] {
        try IAMLimits.check(userName: user)
        return try await pages("ListUserPolicies", [("UserName", user)], list: "PolicyNames", read: Self.name)
    }

    /// Attaches a managed policy to a user; one that is attached already stays so.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachUserPolicy.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    public func attachUserPolicy(arn: String, user: String) async throws {
        try IAMLimits.check(userName: user)
        try IAMLimits.check(policyARN: arn)
        try await perform("AttachUserPolicy", [("UserName", user), ("PolicyArn", arn)])
    }

    /// Detaches a managed policy from a user.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachUserPolicy.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    public func detachUserPolicy(arn: String, user: String) async throws {
        try IAMLimits.check(userName: user)
        try IAMLimits.check(policyARN: arn)
        try await perform("DetachUserPolicy", [("UserName", user), ("PolicyArn", arn)])
    }

    /// The managed policies that are attached to a user.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedUserPolicies.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    public func attachedPolicies(ofUser user: String) async throws -> [AttachedPolicy] {
        try IAMLimits.check(userName: user)
        return try await pages("ListAttachedUserPolicies", [("UserName", user)], list: "AttachedPolicies") {
            AttachedPolicy($0)
        }
    }

    static func name(_ element: XMLElement) -> String? {
        element.text.isEmpty ? nil : element.text
    }
}
