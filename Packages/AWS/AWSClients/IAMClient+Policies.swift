import AWSAuth

/// The user or the role that policies belong to, by its name.
package enum PolicyOwner: Sendable, Equatable {
    case user(String)
    case role(String)

    /// The most characters of its inline policies together, blanks not counted.
    fileprivate var limit: Int {
        switch self {
        case .user: PolicyLimit.inlineOfUser
        case .role: PolicyLimit.inline
        }
    }

    /// The word of it in operations, such as `PutUserPolicy` and `PutRolePolicy`.
    fileprivate var kind: String {
        switch self {
        case .user: "User"
        case .role: "Role"
        }
    }

    fileprivate var parameter: IAMClient.Parameter {
        switch self {
        case .user(let name): ("UserName", name)
        case .role(let name): ("RoleName", name)
        }
    }

    fileprivate func check() throws(AWSError) {
        switch self {
        case .user(let name): try IAMLimits.check(userName: name)
        case .role(let name): try IAMLimits.check(roleName: name)
        }
    }
}

/// Inline policies.
extension IAMClient {
    /// Puts an inline policy into a user or a role, replacing one of the same name.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPolicy.html,
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func putPolicy(_ policy: String, document: String, of owner: PolicyOwner) async throws {
        try owner.check()
        try IAMLimits.check(policyName: policy)
        try IAMLimits.check(document: document, most: owner.limit)
        try await perform(
            "Put\(owner.kind)Policy",
            [owner.parameter, ("PolicyName", policy), ("PolicyDocument", document)]
        )
    }

    /// Deletes an inline policy of a user or a role.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUserPolicy.html,
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRolePolicy.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func deletePolicy(_ policy: String, of owner: PolicyOwner) async throws {
        try owner.check()
        try IAMLimits.check(policyName: policy)
        try await perform("Delete\(owner.kind)Policy", [owner.parameter, ("PolicyName", policy)])
    }

    /// Returns the names of the inline policies of a user or a role.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUserPolicies.html,
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRolePolicies.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func policies(of owner: PolicyOwner) async throws -> [String] {
        try owner.check()
        return try await pages("List\(owner.kind)Policies", [owner.parameter], list: "PolicyNames") { element in
            element.text.isEmpty ? nil : element.text
        }
    }

    /// Returns an inline policy of a user or a role, as JSON; nil if the owner or the policy doesn't exist.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUserPolicy.html,
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRolePolicy.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func policy(_ policy: String, of owner: PolicyOwner) async throws -> String? {
        try owner.check()
        try IAMLimits.check(policyName: policy)
        do {
            let response = try await response("Get\(owner.kind)Policy", [owner.parameter, ("PolicyName", policy)])
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

/// Managed policies.
extension IAMClient {
    /// Attaches a managed policy to a user or a role; an attached one is no error.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachUserPolicy.html,
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachRolePolicy.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func attachPolicy(arn: String, to owner: PolicyOwner) async throws {
        try owner.check()
        try IAMLimits.check(policyARN: arn)
        try await perform("Attach\(owner.kind)Policy", [owner.parameter, ("PolicyArn", arn)])
    }

    /// Detaches a managed policy from a user or a role.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachUserPolicy.html,
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachRolePolicy.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func detachPolicy(arn: String, from owner: PolicyOwner) async throws {
        try owner.check()
        try IAMLimits.check(policyARN: arn)
        try await perform("Detach\(owner.kind)Policy", [owner.parameter, ("PolicyArn", arn)])
    }

    /// Returns the managed policies that are attached to a user or a role.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedUserPolicies.html,
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedRolePolicies.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func attachedPolicies(of owner: PolicyOwner) async throws -> [AttachedPolicy] {
        try owner.check()
        return try await pages("ListAttached\(owner.kind)Policies", [owner.parameter], list: "AttachedPolicies") {
            AttachedPolicy($0)
        }
    }

    /// Returns the default version of a managed policy, as JSON; nil if there is no such policy.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicy.html,
    /// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicyVersion.html
    ///
    /// - Throws: ``AWSError``, what the credential provider throws, or `CancellationError`.
    package func managedPolicy(arn: String) async throws -> String? {
        try IAMLimits.check(policyARN: arn)
        do {
            let policy = try await response("GetPolicy", [("PolicyArn", arn)])
            let version = try policy.text("Policy", "DefaultVersionId")
            let found = try await response("GetPolicyVersion", [("PolicyArn", arn), ("VersionId", version)])
            guard let document = Self.document(try found.text("PolicyVersion", "Document")) else {
                throw found.malformed("PolicyVersion/Document")
            }
            return document
        } catch AWSError.refused(let refusal) where refusal.isMissingEntity {
            return nil
        }
    }
}
