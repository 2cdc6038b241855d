/// Whose credentials signed a call.
public struct CallerIdentity: Sendable, Equatable {
    /// Twelve digits.
    public let account: String
    public let arn: String
    /// `AIDA…` for a user, `AROA…:SESSION` for a role session.
    public let userID: String

    init(_ answer: QueryResponse) throws(AWSError) {
        account = try answer.text("Account")
        arn = try answer.text("Arn")
        userID = try answer.text("UserId")
    }
}
