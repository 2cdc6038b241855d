import BursarFoundation

/// The body of a call in AWS's query protocol: `Action=…&Version=…` and parameters, form-encoded.
struct QueryForm {
    static let contentType = "application/x-www-form-urlencoded; charset=utf-8"

    private var pairs: [(name: String, value: String)]

    init(action: String, version: String) {
        pairs = [("Action", action), ("Version", version)]
    }

    /// Adds a parameter; nil adds none.
    mutating func add(_ name: String, _ value: String?) {
        guard let value else { return }
        pairs.append((name, value))
    }

    /// Adds `Tags.member.1`, `Tags.member.2` … as `each` names their parts.
    mutating func add<Member>(
        list name: String,
        _ members: [Member],
        _ each: (Member) -> [(suffix: String, value: String)]
    ) {
        for (index, member) in members.enumerated() {
            for part in each(member) {
                pairs.append(("\(name).member.\(index + 1)\(part.suffix)", part.value))
            }
        }
    }

    /// Blanks as `+`, as forms have them and botocore writes them.
    var body: Data {
        let text = pairs.map { "\(Self.encode($0.name))=\(Self.encode($0.value))" }.joined(separator: "&")
        return Data(text.utf8)
    }

    private static func encode(_ text: String) -> String {
        let encoded = PercentEncoding.encode(text, keeping: " ")
        return String(decoding: encoded.utf8.map { $0 == 0x20 ? UInt8(ascii: "+") : $0 }, as: UTF8.self)
    }
}
