public import BursarModel

/// A role session, as STS grants it.
public struct AssumedRole: Sendable {
    public let credentials: SessionCredentials
    /// `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`.
    public let arn: String
    /// `AROA…:SESSION`, as policies match it in `aws:userid`.
    public let assumedRoleID: String
    /// How much of the room for policy and tags is used, in percent; nil when STS doesn't say.
    public let packedPolicySize: Int?
    public let sourceIdentity: String?

    init(_ answer: QueryResponse) throws(AWSError) {
        credentials = try answer.credentials()
        arn = try answer.text("AssumedRoleUser", "Arn")
        assumedRoleID = try answer.text("AssumedRoleUser", "AssumedRoleId")
        packedPolicySize = answer.result["PackedPolicySize"].flatMap { Int($0.text) }
        sourceIdentity = answer.result["SourceIdentity"].flatMap { $0.text.isEmpty ? nil : $0.text }
    }
}
