import BursarFoundation
import BursarModel

/// What a `credential_process` prints; token, expiration and account are optional there.
struct CredentialProcessOutput: Decodable {
    let credentials: AWSCredentials

    private enum CodingKeys: String, CodingKey {
        case version = "Version"
        case accessKeyID = "AccessKeyId"
        case secretAccessKey = "SecretAccessKey"
        case sessionToken = "SessionToken"
        case expiration = "Expiration"
        case accountID = "AccountId"
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        guard try fields.decode(Int.self, forKey: .version) == 1 else {
            throw DecodingError.dataCorruptedError(forKey: .version, in: fields, debugDescription: "not 1")
        }
        let token = try fields.decodeIfPresent(String.self, forKey: .sessionToken).flatMap { $0.isEmpty ? nil : $0 }
        guard token.map(CredentialCharacters.isPlain) ?? true else {
            throw DecodingError.dataCorruptedError(forKey: .sessionToken, in: fields, debugDescription: "not plain")
        }
        let expiration = try fields.decodeIfPresent(String.self, forKey: .expiration)
        let date = expiration.flatMap { Timestamp.date($0) }
        guard (expiration == nil) == (date == nil) else {
            throw DecodingError.dataCorruptedError(forKey: .expiration, in: fields, debugDescription: "not a time")
        }
        credentials = AWSCredentials(
            accessKeyID: try CredentialCharacters.plain(fields, .accessKeyID),
            secretAccessKey: Secret(try CredentialCharacters.plain(fields, .secretAccessKey)),
            sessionToken: token.map { Secret($0) },
            expiration: date,
            accountID: try Self.account(fields)
        )
    }

    /// Twelve digits, which some programs print as a number, and lose the zeros before it.
    private static func account(_ fields: KeyedDecodingContainer<CodingKeys>) throws -> String? {
        guard let number = try? fields.decodeIfPresent(Int64.self, forKey: .accountID) else {
            return try fields.decodeIfPresent(String.self, forKey: .accountID)
        }
        guard (0..<1_000_000_000_000).contains(number) else {
            throw DecodingError.dataCorruptedError(forKey: .accountID, in: fields, debugDescription: "not an account")
        }
        let digits = String(number)
        return String(repeating: "0", count: 12 - digits.count) + digits
    }

    /// The credentials with an account from elsewhere, unless the program named one.
    func credentials(accountID: String?) -> AWSCredentials {
        AWSCredentials(
            accessKeyID: credentials.accessKeyID,
            secretAccessKey: credentials.secretAccessKey,
            sessionToken: credentials.sessionToken,
            expiration: credentials.expiration,
            accountID: credentials.accountID ?? accountID
        )
    }
}
