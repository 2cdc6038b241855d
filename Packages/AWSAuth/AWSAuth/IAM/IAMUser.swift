public import BursarFoundation
import BursarModel

/// A user as IAM describes it; its tags are asked for by themselves.
public struct IAMUser: Sendable, Equatable {
    public let name: String
    /// `arn:aws:iam::ACCOUNT:user/NAME`.
    public let arn: String
    public let created: Date?

    init?(_ element: XMLElement) {
        guard let name = element["UserName"]?.text, !name.isEmpty, let arn = element["Arn"]?.text, !arn.isEmpty else {
            return nil
        }
        self.name = name
        self.arn = arn
        created = element["CreateDate"].flatMap { Timestamp.date($0.text) }
    }
}
