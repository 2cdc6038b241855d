package import BursarFoundation
package import BursarHTTP

/// A request to a service, before it has an endpoint and a signature.
package struct AWSRequest {
    /// AWS's name of the operation, which errors report too.
    package let operation: String
    package var method = HTTPClientRequest.Method.post
    /// Percent-encoded, from its slash on, with the query if there is one.
    package var target = "/"
    package var headers: [(name: String, value: String)] = []
    package var body: Data?
    package var isSigned = true
    /// True if the service responds in XML.
    package var returnsXML = false
    /// True if the request may be sent again when its outcome is unknown.
    package var isRepeatable = true

    package init(_ operation: String, form: QueryForm, isSigned: Bool = true) {
        self.operation = operation
        self.isSigned = isSigned
        headers = [("Content-Type", QueryForm.contentType)]
        body = form.body
        returnsXML = true
    }

    /// A throttled request was not carried out, so it may always be sent again.
    func isRepeatable(after error: AWSError) -> Bool {
        guard case .refused(let refusal) = error else { return isRepeatable }
        return isRepeatable || refusal.isThrottling
    }

    package init(_ operation: String, _ method: HTTPClientRequest.Method, _ target: String, json body: Data? = nil) {
        self.operation = operation
        self.method = method
        self.target = target
        self.body = body
        headers = [("Accept", "application/json")]
        if body != nil { headers.append(("Content-Type", "application/json")) }
    }
}

/// The body of a request in AWS's query protocol: `Action=…&Version=…` and parameters, form-encoded.
package struct QueryForm {
    static let contentType = "application/x-www-form-urlencoded; charset=utf-8"

    private var pairs: [(name: String, value: String)]

    package init(action: String, version: String) {
        pairs = [("Action", action), ("Version", version)]
    }

    /// Adds a parameter; nil adds none.
    package mutating func add(_ name: String, _ value: String?) {
        guard let value else { return }
        pairs.append((name, value))
    }

    /// Adds `Tags.member.1`, `Tags.member.2` … as `each` names their parts.
    package mutating func add<Member>(
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

    /// The encoded form; blanks are `+`, as botocore writes them.
    package var body: Data {
        let text = pairs.map { "\(Self.encode($0.name))=\(Self.encode($0.value))" }.joined(separator: "&")
        return Data(text.utf8)
    }

    private static func encode(_ text: String) -> String {
        let encoded = PercentEncoding.encode(text, keeping: " ")
        return String(decoding: encoded.utf8.map { $0 == 0x20 ? UInt8(ascii: "+") : $0 }, as: UTF8.self)
    }
}
