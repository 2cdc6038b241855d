import BursarFoundation
package import BursarHTTP
import BursarModel

/// A successful response in the query protocol: `<XResponse><XResult>…</XResult><ResponseMetadata>…`.
package struct QueryResponse {
    package let result: XMLElement
    package let requestID: String?
    private let status: Int
    private let service: AWSService

    package init(_ response: HTTPClientResponse, operation: String, service: AWSService) throws(AWSError) {
        status = response.status
        self.service = service
        let header = AWSErrorBody.requestID(response)
        let root: XMLElement
        do {
            root = try XMLParser.parse(response.body)
        } catch {
            throw .malformedResponse(service: service, status: status, requestID: header, detail: "\(error)")
        }
        requestID = root.at("ResponseMetadata", "RequestId")?.text ?? header
        guard let result = root["\(operation)Result"] else {
            throw .malformedResponse(
                service: service,
                status: status,
                requestID: requestID,
                detail: "no \(operation)Result"
            )
        }
        self.result = result
    }

    /// The text at the end of a path of element names, which must not be empty.
    package func text(_ path: String...) throws(AWSError) -> String {
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

    package func malformed(_ part: String) -> AWSError {
        .malformedResponse(service: service, status: status, requestID: requestID, detail: part)
    }
}

/// Decodes the successful response of a JSON service.
package enum JSONResponse {
    package static func decode<Body: Decodable>(
        _ type: Body.Type,
        _ response: HTTPClientResponse,
        service: AWSService
    ) throws(AWSError) -> Body {
        do {
            return try JSONDecoder().decode(type, from: response.body)
        } catch {
            throw .malformedResponse(
                service: service,
                status: response.status,
                requestID: AWSErrorBody.requestID(response),
                detail: CredentialCharacters.problem(error)
            )
        }
    }
}
