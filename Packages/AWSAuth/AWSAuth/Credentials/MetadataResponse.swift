import BursarFoundation
import BursarModel

/// Credentials as the container and instance endpoints answer them: `AccessKeyId`, `SecretAccessKey`, `Token`,
/// `Expiration`, and `AccountId` where known.
struct MetadataResponse: Decodable {
    let credentials: AWSCredentials

    private enum CodingKeys: String, CodingKey {
        case accessKeyID = "AccessKeyId"
        case secretAccessKey = "SecretAccessKey"
        case token = "Token"
        case expiration = "Expiration"
        case accountID = "AccountId"
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let expiration = try fields.decode(String.self, forKey: .expiration)
        guard let date = Timestamp.date(expiration) else {
            throw DecodingError.dataCorruptedError(forKey: .expiration, in: fields, debugDescription: "not a time")
        }
        credentials = AWSCredentials(
            accessKeyID: try CredentialCharacters.plain(fields, .accessKeyID),
            secretAccessKey: Secret(try CredentialCharacters.plain(fields, .secretAccessKey)),
            sessionToken: Secret(try CredentialCharacters.plain(fields, .token)),
            expiration: date,
            accountID: try fields.decodeIfPresent(String.self, forKey: .accountID)
        )
    }
}
