import BursarFoundation
import BursarHTTP
import BursarModel

/// A successful answer in the query protocol: `<XResponse><XResult>…</XResult><ResponseMetadata>…`.
struct QueryResponse {
    let result: XMLElement
    let requestID: String?
    private let status: Int
    private let service: AWSService

    init(_ response: HTTPClientResponse, operation: String, service: AWSService) throws(AWSError) {
        status = response.status
        self.service = service
        let header = AWSErrorBody.requestID(response)
        let root: XMLElement
        do {
            root = try XMLParser.parse(response.body)
        } catch {
            throw .malformedAnswer(service: service, status: status, requestID: header, detail: "\(error)")
        }
        requestID = root.at("ResponseMetadata", "RequestId")?.text ?? header
        guard let result = root["\(operation)Result"] else {
            throw .malformedAnswer(
                service: service,
                status: status,
                requestID: requestID,
                detail: "no \(operation)Result"
            )
        }
        self.result = result
    }

    /// The text at the end of a path of element names, which must not be empty.
    func text(_ path: String...) throws(AWSError) -> String {
        var element: XMLElement? = result
        for name in path { element = element?[name] }
        guard let text = element?.text, !text.isEmpty else { throw malformed(path.joined(separator: "/")) }
        return text
    }

    /// `<Credentials>`, each of its four parts checked.
    func credentials() throws(AWSError) -> SessionCredentials {
        let accessKeyID = try text("Credentials", "AccessKeyId")
        let secret = try text("Credentials", "SecretAccessKey")
        let token = try text("Credentials", "SessionToken")
        guard let expiration = Timestamp.date(try text("Credentials", "Expiration")) else {
            throw malformed("Credentials/Expiration")
        }
        let values: [(CredentialField, String)] = [
            (.accessKeyID, accessKeyID), (.secretAccessKey, secret), (.sessionToken, token),
        ]
        for (field, value) in values where !field.accepts(value) {
            throw malformed("Credentials/\(field.rawValue)")
        }
        return SessionCredentials(
            accessKeyID: accessKeyID,
            secretAccessKey: Secret(secret),
            sessionToken: Secret(token),
            expiration: expiration
        )
    }

    func malformed(_ part: String) -> AWSError {
        .malformedAnswer(service: service, status: status, requestID: requestID, detail: part)
    }
}
