import BursarFoundation
import BursarHTTP

/// One call to a service, before it has an endpoint and a signature.
struct AWSRequest {
    /// AWS's name for it; also what refusals are reported under.
    let operation: String
    var method = HTTPClientRequest.Method.post
    /// Percent-encoded, from its slash on, with the query if there is one.
    var target = "/"
    var headers: [(name: String, value: String)] = []
    var body: Data?
    var isSigned = true
    /// Whether the service answers in XML.
    var bringsXML = false
    /// Whether it may be sent again when nobody knows what became of it.
    var isRepeatable = true

    init(_ operation: String, form: QueryForm, isSigned: Bool = true) {
        self.operation = operation
        self.isSigned = isSigned
        headers = [("Content-Type", QueryForm.contentType)]
        body = form.body
        bringsXML = true
    }

    /// What was refused for coming too often was not done, so it may always be sent again.
    func isRepeatable(after error: AWSError) -> Bool {
        guard case .refused(let refusal) = error else { return isRepeatable }
        return isRepeatable || refusal.isThrottling
    }

    init(_ operation: String, _ method: HTTPClientRequest.Method, _ target: String, json body: Data? = nil) {
        self.operation = operation
        self.method = method
        self.target = target
        self.body = body
        headers = [("Accept", "application/json")]
        if body != nil { headers.append(("Content-Type", "application/json")) }
    }
}
