package import AWSAuth
import BursarFoundation
import BursarHTTP

/// A client of Identity and Access Management: users, their keys, and the inline policies of users and roles.
///
/// One endpoint per partition. A change may take seconds to be visible everywhere.
/// https://docs.aws.amazon.com/IAM/latest/APIReference/
package struct IAMClient: AWSClient {
    package static let service = AWSService.iam
    static let version = "2010-05-08"
    /// The most pages that are read, of up to 1,000 entries each.
    static let mostPages = 100
    let client: AWSServiceClient

    package init(_ client: AWSServiceClient) {
        self.client = client
    }

    /// The `…Result` element of a call's response.
    func response(_ operation: String, isRepeatable: Bool = true, _ parameters: [Parameter]) async throws
        -> QueryResponse
    {
        var call = AWSRequest(operation, form: Self.form(operation, parameters))
        call.isRepeatable = isRepeatable
        return try QueryResponse(try await client.send(call), operation: operation, service: .iam)
    }

    /// Sends a call whose response only confirms success.
    func perform(_ operation: String, _ parameters: [Parameter]) async throws {
        _ = try await client.send(AWSRequest(operation, form: Self.form(operation, parameters)))
    }

    /// All entries of a listing, page after page.
    ///
    /// - Throws: ``AWSError`` also for more pages than any account has.
    func pages<Entry>(
        _ operation: String,
        _ parameters: [Parameter],
        list: String,
        read: (XMLElement) -> Entry?
    ) async throws -> [Entry] {
        var entries: [Entry] = []
        var marker: String?
        for _ in 0..<Self.mostPages {
            var form = Self.form(operation, parameters)
            form.add("Marker", marker)
            let call = AWSRequest(operation, form: form)
            let page = try QueryResponse(try await client.send(call), operation: operation, service: .iam)
            guard let members = page.result[list]?.children else { throw page.malformed(list) }
            for member in members {
                guard let entry = read(member) else { throw page.malformed("\(list)/member") }
                entries.append(entry)
            }
            guard page.result["IsTruncated"]?.text == "true" else { return entries }
            let next = try page.text("Marker")
            guard next != marker else { throw page.malformed("Marker") }
            marker = next
        }
        throw AWSError.malformedResponse(
            service: .iam,
            status: 200,
            requestID: nil,
            detail: "more than \(Self.mostPages) pages"
        )
    }

    typealias Parameter = (name: String, value: String?)

    private static func form(_ operation: String, _ parameters: [Parameter]) -> QueryForm {
        var form = QueryForm(action: operation, version: version)
        for parameter in parameters { form.add(parameter.name, parameter.value) }
        return form
    }
}

extension IAMClient {
    /// Returns the user of this name; nil if there is none.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUser.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func user(_ name: String) async throws -> IAMUser? {
        try IAMLimits.check(userName: name)
        do {
            return try Self.user(try await response("GetUser", [("UserName", name)]))
        } catch AWSError.refused(let refusal) where refusal.isMissingEntity {
            return nil
        }
    }

    /// Creates a user without permissions.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html
    ///
    /// - Parameters:
    ///   - name: 1 to 64 of `\w+=,.@-`; upper and lower case count as the same.
    ///   - tags: 50 at most.
    /// - Returns: the user.
    /// - Throws: ``AWSError``, with `EntityAlreadyExists` for a name that is taken; what the credential provider
    ///   throws, or `CancellationError`.
    package func createUser(_ name: String, tags: [IAMTag]) async throws -> IAMUser {
        try IAMLimits.check(userName: name)
        try IAMLimits.check(tags: tags)
        return try Self.user(try await response("CreateUser", [("UserName", name)] + IAMTag.parameters(tags)))
    }

    /// Adds tags to a user; existing ones get the new values.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagUser.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func tagUser(_ name: String, _ tags: [IAMTag]) async throws {
        try IAMLimits.check(userName: name)
        try IAMLimits.check(tags: tags)
        try await perform("TagUser", [("UserName", name)] + IAMTag.parameters(tags))
    }

    /// Returns all tags of a user.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUserTags.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func tags(ofUser name: String) async throws -> [IAMTag] {
        try IAMLimits.check(userName: name)
        return try await pages("ListUserTags", [("UserName", name)], list: "Tags") { IAMTag($0) }
    }

    /// Returns the account's users, all pages, without their tags, which IAM omits here.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUsers.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func users() async throws -> [IAMUser] {
        try await pages("ListUsers", [("MaxItems", "1000")], list: "Users") { IAMUser($0) }
    }

    /// Deletes a user, who must have no keys and no policies.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html
    ///
    /// - Throws: ``AWSError``, with `DeleteConflict` for one who has; what the credential provider throws, or
    ///   `CancellationError`.
    package func deleteUser(_ name: String) async throws {
        try IAMLimits.check(userName: name)
        try await perform("DeleteUser", [("UserName", name)])
    }

    private static func user(_ response: QueryResponse) throws(AWSError) -> IAMUser {
        guard let user = response.result["User"].flatMap({ IAMUser($0) }) else { throw response.malformed("User") }
        return user
    }
}

extension IAMClient {
    /// The most access keys that a user can have; IAM doesn't raise it.
    package static let mostAccessKeys = 2

    /// Creates an access key; its secret is in this response and never again.
    ///
    /// The request isn't retried when no response arrives, since that might create two keys: list the keys then.
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccessKey.html
    ///
    /// - Throws: ``AWSError``, with `LimitExceeded` for a third key; what the credential provider throws, or
    ///   `CancellationError`.
    package func createAccessKey(user: String) async throws -> NewAccessKey {
        try IAMLimits.check(userName: user)
        return try NewAccessKey(try await response("CreateAccessKey", isRepeatable: false, [("UserName", user)]))
    }

    /// Returns a user's access keys, oldest first.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccessKeys.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func accessKeys(user: String) async throws -> [IAMAccessKey] {
        try IAMLimits.check(userName: user)
        let keys = try await pages("ListAccessKeys", [("UserName", user)], list: "AccessKeyMetadata") {
            IAMAccessKey($0)
        }
        return keys.sorted { $0.created < $1.created }
    }

    /// Deactivates a key, or activates it again.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccessKey.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func updateAccessKey(_ id: String, user: String, isActive: Bool) async throws {
        try IAMLimits.check(userName: user)
        try IAMLimits.check(accessKeyID: id)
        try await perform(
            "UpdateAccessKey",
            [("UserName", user), ("AccessKeyId", id), ("Status", isActive ? "Active" : "Inactive")]
        )
    }

    /// Deletes a key; AWS refuses its use from then on.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteAccessKey.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func deleteAccessKey(_ id: String, user: String) async throws {
        try IAMLimits.check(userName: user)
        try IAMLimits.check(accessKeyID: id)
        try await perform("DeleteAccessKey", [("UserName", user), ("AccessKeyId", id)])
    }

    /// Returns the last use of a key, which IAM may learn hours later.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccessKeyLastUsed.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func lastUse(ofAccessKey id: String) async throws -> AccessKeyUse {
        try IAMLimits.check(accessKeyID: id)
        return AccessKeyUse(try await response("GetAccessKeyLastUsed", [("AccessKeyId", id)]))
    }
}

extension IAMClient {
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

    /// Creates a role without permissions.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
    ///
    /// - Parameters:
    ///   - name: 1 to 64 of `\w+=,.@-`.
    ///   - trust: the trust policy, JSON.
    ///   - boundary: the ARN of the managed policy beyond which the role may not go; nil is none.
    /// - Returns: the role.
    /// - Throws: ``AWSError``, with `EntityAlreadyExists` for a name that is taken; what the credential provider
    ///   throws, or `CancellationError`.
    package func createRole(_ name: String, trust: String, boundary: String? = nil) async throws -> IAMRole {
        try IAMLimits.check(roleName: name)
        try IAMLimits.check(document: trust, most: PolicyLimit.longestTrust)
        if let boundary { try IAMLimits.check(policyARN: boundary) }
        let parameters: [Parameter] = [
            ("RoleName", name), ("AssumeRolePolicyDocument", trust), ("PermissionsBoundary", boundary),
        ]
        return try IAMRole(try await response("CreateRole", parameters))
    }

    /// Replaces a role's trust policy.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAssumeRolePolicy.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func updateTrust(ofRole name: String, _ trust: String) async throws {
        try IAMLimits.check(roleName: name)
        try IAMLimits.check(document: trust, most: PolicyLimit.longestTrust)
        try await perform("UpdateAssumeRolePolicy", [("RoleName", name), ("PolicyDocument", trust)])
    }
}
