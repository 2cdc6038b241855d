#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// The JSON that `credential_process` prints and `GET /credentials` answers.
///
/// `{"Version":1,"AccessKeyId":…,"SecretAccessKey":…,"SessionToken":…,"Expiration":…}`; see
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html.
package struct ProcessOutput: Sendable {
    package let credentials: SessionCredentials

    package init(_ credentials: SessionCredentials) {
        self.credentials = credentials
    }

    /// Why an answer is not usable as credentials; no case carries a value of the answer.
    package enum Malformation: Error, Equatable {
        case notJSON
        case wrongVersion
        case field(String)
    }

    /// Checks every field before any is used: an SDK must never be handed a line break, a blank or a wrong type.
    package init(parsing body: Data) throws(Malformation) {
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
        guard Self.isPlain(fields.accessKeyID, 16...128) else { throw .field("AccessKeyId") }
        guard Self.isPlain(fields.secretAccessKey.reveal(), 16...256) else { throw .field("SecretAccessKey") }
        guard Self.isPlain(fields.sessionToken.reveal(), 16...16_384) else { throw .field("SessionToken") }
        guard let expiration = Timestamp.date(fields.expiration) else { throw .field("Expiration") }
        credentials = SessionCredentials(
            accessKeyID: fields.accessKeyID,
            secretAccessKey: fields.secretAccessKey,
            sessionToken: fields.sessionToken,
            expiration: expiration
        )
    }

    /// One line of JSON; the values need no escapes, since AWS's alphabets and ours hold none that do.
    package func json(_ designator: Timestamp.UTCDesignator) -> Secret<String> {
        let values = [
            ("AccessKeyId", credentials.accessKeyID),
            ("SecretAccessKey", credentials.secretAccessKey.reveal()),
            ("SessionToken", credentials.sessionToken.reveal()),
            ("Expiration", Timestamp.string(credentials.expiration, designator)),
        ]
        return Secret(#"{"Version":1,"# + values.map { #""\#($0)":"\#($1)""# }.joined(separator: ",") + "}")
    }

    /// Printable ASCII without quotes or backslashes, of a believable length.
    private static func isPlain(_ text: String, _ length: ClosedRange<Int>) -> Bool {
        length.contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }
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
