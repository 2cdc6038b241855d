import BursarModel

/// An IAM policy, in the parts of its language that are needed here.
///
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
package struct PolicyDocument: Sendable, Equatable, Encodable {
    package enum Effect: String, Sendable, Encodable {
        case allow = "Allow"
        case deny = "Deny"
    }

    /// Operator, key, values: `["StringEquals": ["aws:RequestedRegion": ["eu-central-1"]]]`.
    package typealias Conditions = [String: [String: [String]]]

    package struct Statement: Sendable, Equatable, Encodable {
        package var sid: String?
        package var effect = Effect.allow
        /// In trust policies: who.
        package var principal: [String: [String]]?
        package var action: [String]
        /// In all other policies: what on.
        package var resource: [String]?
        package var condition: Conditions?

        enum CodingKeys: String, CodingKey {
            case sid = "Sid"
            case effect = "Effect"
            case principal = "Principal"
            case action = "Action"
            case resource = "Resource"
            case condition = "Condition"
        }
    }

    package let version = "2012-10-17"
    package var statements: [Statement]

    enum CodingKeys: String, CodingKey {
        case version = "Version"
        case statements = "Statement"
    }

    package init(_ statements: [Statement]) {
        self.statements = statements
    }

    /// One line, as it is sent.
    package func compact() throws -> String { try StableJSON.text(self) }

    /// Lines, as people read and paste it.
    package func pretty() throws -> String { try StableJSON.text(self, isIndented: true) }

    /// Characters as IAM counts them: blanks between don't count.
    ///
    /// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    package func size() throws -> Int { try compact().unicodeScalars.count }
}

/// IAM's limits on the size of a policy, in characters.
package enum PolicyLimit {
    /// A managed policy.
    package static let managed = 6144
    /// All inline policies of a role together.
    package static let inline = 10_240
    /// All inline policies of a user together.
    package static let inlineOfUser = 2048
    /// A trust policy, unless the account's quota was raised.
    package static let trust = 2048
    /// A trust policy, at the highest that the quota can be raised to.
    package static let longestTrust = 4096
}
