import BursarFoundation

extension IAMClient {
    /// The user of this name; nil when there is none.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUser.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    public func user(_ name: String) async throws -> IAMUser? {
        try IAMLimits.check(userName: name)
        do {
            return try Self.user(try await answer("GetUser", [("UserName", name)]))
        } catch AWSError.refused(let refusal) where refusal.isMissingEntity {
            return nil
        }
    }

    /// Makes a user, who may do nothing yet.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html
    ///
    /// - Parameters:
    ///   - name: 1 to 64 of `\w+=,.@-`; upper and lower case count as the same.
    ///   - tags: 50 at most.
    /// - Returns: the user.
    /// - Throws: ``AWSError``, with `EntityAlreadyExists` for a name that is taken; what the credential provider
    ///   throws, or `CancellationError`.
    public func createUser(_ name: String, tags: [IAMTag]) async throws -> IAMUser {
        try IAMLimits.check(userName: name)
        try IAMLimits.check(tags: tags)
        return try Self.user(try await answer("CreateUser", [("UserName", name)] + IAMTag.parameters(tags)))
    }

    /// Adds tags to a user, or gives new values to those there are.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagUser.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    public func tagUser(_ name: String, _ tags: [IAMTag]) async throws {
        try IAMLimits.check(userName: name)
        try IAMLimits.check(tags: tags)
        try await perform("TagUser", [("UserName", name)] + IAMTag.parameters(tags))
    }

    /// A user's tags, all of them.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUserTags.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    public func tags(ofUser name: String) async throws -> [IAMTag] {
        try IAMLimits.check(userName: name)
        return try await pages("ListUserTags", [("UserName", name)], list: "Tags") { IAMTag($0) }
    }

    /// The account's users, all pages; without their tags, which IAM leaves out here.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUsers.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    public func users() async throws -> [IAMUser] {
        try await pages("ListUsers", [("MaxItems", "1000")], list: "Users") { IAMUser($0) }
    }

    /// Removes a user who has no keys and no policies any more.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html
    ///
    /// - Throws: ``AWSError``, with `DeleteConflict` for one who has; what the credential provider throws, or
    ///   `CancellationError`.
    public func deleteUser(_ name: String) async throws {
        try IAMLimits.check(userName: name)
        try await perform("DeleteUser", [("UserName", name)])
    }

    private static func user(_ answer: QueryResponse) throws(AWSError) -> IAMUser {
        guard let user = answer.result["User"].flatMap({ IAMUser($0) }) else { throw answer.malformed("User") }
        return user
    }
}
