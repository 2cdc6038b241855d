/// A tag of a user: what it is for, for policies and cost reports.
public struct IAMTag: Sendable, Equatable {
    public let key: String
    public let value: String

    public init(key: String, value: String) {
        self.key = key
        self.value = value
    }

    init?(_ element: XMLElement) {
        guard let key = element["Key"]?.text, !key.isEmpty else { return nil }
        self.init(key: key, value: element["Value"]?.text ?? "")
    }

    /// As parameters named `Tags.member.1.Key`, `Tags.member.1.Value` and so on.
    static func parameters(_ tags: [IAMTag]) -> [IAMClient.Parameter] {
        tags.enumerated().flatMap { index, tag in
            [("Tags.member.\(index + 1).Key", tag.key), ("Tags.member.\(index + 1).Value", tag.value)]
        }
    }
}
