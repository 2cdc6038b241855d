package import BursarFoundation

/// The JSON that `credential_process` prints and `GET /credentials` returns.
///
/// `{"Version":1,"AccessKeyId":…,"SecretAccessKey":…,"SessionToken":…,"Expiration":…}`; see
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html.
package struct ProcessOutput: Sendable {
    package let credentials: SessionCredentials

    package init(_ credentials: SessionCredentials) {
        self.credentials = credentials
    }

    /// The reason why a response is not usable as credentials; no case carries a value of the response.
    package enum ParseError: Error, Equatable {
        case notJSON
        case wrongVersion
        case field(String)
    }

    /// Checks every field before any is used: an SDK must never be handed a line break, a blank or a wrong type.
    package init(parsing body: Data) throws(ParseError) {
        let fields: Fields
        do {
            fields = try JSONDecoder().decode(Fields.self, from: body)
        } catch DecodingError.keyNotFound(let key, _) {
            throw .field(key.stringValue)
        } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context) {
            guard let key = context.codingPath.last else { throw .notJSON }
            throw .field(key.stringValue)
        } catch {
            throw .notJSON
        }
        guard fields.version == 1 else { throw .wrongVersion }
        let values: [(CredentialField, String)] = [
            (.accessKeyID, fields.accessKeyID), (.secretAccessKey, fields.secretAccessKey.reveal()),
            (.sessionToken, fields.sessionToken.reveal()),
        ]
        if let (field, _) = values.first(where: { !$0.0.accepts($0.1) }) { throw .field(field.rawValue) }
        guard let expiration = Timestamp.date(fields.expiration) else { throw .field("Expiration") }
        credentials = SessionCredentials(
            accessKeyID: fields.accessKeyID,
            secretAccessKey: fields.secretAccessKey,
            sessionToken: fields.sessionToken,
            expiration: expiration
        )
    }

    /// One line of JSON; the values need no escapes, since ``CredentialField`` holds them to an alphabet that needs
    /// none.
    package func json(_ designator: Timestamp.UTCDesignator) -> Secret<String> {
        let values = [
            ("AccessKeyId", credentials.accessKeyID),
            ("SecretAccessKey", credentials.secretAccessKey.reveal()),
            ("SessionToken", credentials.sessionToken.reveal()),
            ("Expiration", Timestamp.string(credentials.expiration, designator)),
        ]
        return Secret(#"{"Version":1,"# + values.map { #""\#($0)":"\#($1)""# }.joined(separator: ",") + "}")
    }

    private struct Fields: Decodable {
        let version: Int
        let accessKeyID: String
        let secretAccessKey: Secret<String>
        let sessionToken: Secret<String>
        let expiration: String

        enum CodingKeys: String, CodingKey {
            case version = "Version"
            case accessKeyID = "AccessKeyId"
            case secretAccessKey = "SecretAccessKey"
            case sessionToken = "SessionToken"
            case expiration = "Expiration"
        }
    }
}
