public import BursarFoundation
import BursarModel

/// A role as IAM describes it.
public struct IAMRole: Sendable, Equatable {
    public let name: String
    public let arn: String
    public let created: Date?
    /// The longest session it allows; nil when IAM doesn't say.
    public let longestSession: Duration?
    /// Who may assume it: a policy, JSON.
    public let trustPolicy: String?

    init(_ answer: QueryResponse) throws(AWSError) {
        name = try answer.text("Role", "RoleName")
        arn = try answer.text("Role", "Arn")
        created = answer.result.at("Role", "CreateDate").flatMap { Timestamp.date($0.text) }
        let seconds = answer.result.at("Role", "MaxSessionDuration").flatMap { Int64($0.text) }
        longestSession = seconds.map { .seconds($0) }
        trustPolicy = answer.result.at("Role", "AssumeRolePolicyDocument").flatMap { IAMClient.document($0.text) }
    }
}

/// A managed policy that is attached to a user or a role.
public struct AttachedPolicy: Sendable, Equatable {
    public let name: String
    public let arn: String

    init?(_ element: XMLElement) {
        guard let name = element["PolicyName"]?.text, let arn = element["PolicyArn"]?.text, !arn.isEmpty else {
            return nil
        }
        self.name = name
        self.arn = arn
    }
}
