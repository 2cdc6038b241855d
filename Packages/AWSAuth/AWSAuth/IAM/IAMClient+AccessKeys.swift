extension IAMClient {
    /// How many access keys a user can have; IAM doesn't raise it.
    public static let mostAccessKeys = 2

    /// Makes an access key; its secret is in this answer and never again.
    ///
    /// It isn't sent again when no answer came, since that might make two: list the keys then.
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccessKey.html
    ///
    /// - Throws: ``AWSError``, with `LimitExceeded` for a third key; what the credential provider throws, or
    ///   `CancellationError`.
    public func createAccessKey(user: String) async throws -> NewAccessKey {
        try IAMLimits.check(userName: user)
        return try NewAccessKey(try await answer("CreateAccessKey", isRepeatable: false, [("UserName", user)]))
    }

    /// A user's access keys, oldest first.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccessKeys.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    public func accessKeys(user: String) async throws -> [IAMAccessKey] {
        try IAMLimits.check(userName: user)
        let keys = try await pages("ListAccessKeys", [("UserName", user)], list: "AccessKeyMetadata") {
            IAMAccessKey($0)
        }
        return keys.sorted { $0.created < $1.created }
    }

    /// Switches a key off, or on again.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccessKey.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    public func updateAccessKey(_ id: String, user: String, isActive: Bool) async throws {
        try IAMLimits.check(userName: user)
        try IAMLimits.check(accessKeyID: id)
        try await perform(
            "UpdateAccessKey",
            [("UserName", user), ("AccessKeyId", id), ("Status", isActive ? "Active" : "Inactive")]
        )
    }

    /// Deletes a key; what uses it is refused from then on.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteAccessKey.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    public func deleteAccessKey(_ id: String, user: String) async throws {
        try IAMLimits.check(userName: user)
        try IAMLimits.check(accessKeyID: id)
        try await perform("DeleteAccessKey", [("UserName", user), ("AccessKeyId", id)])
    }

    /// When a key was last used, which IAM may learn hours later.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccessKeyLastUsed.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    public func lastUse(ofAccessKey id: String) async throws -> AccessKeyUse {
        try IAMLimits.check(accessKeyID: id)
        return AccessKeyUse(try await answer("GetAccessKeyLastUsed", [("AccessKeyId", id)]))
    }
}
