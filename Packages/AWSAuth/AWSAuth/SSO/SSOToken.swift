import BursarFoundation
import BursarModel

/// A signed-in session as `aws sso login` leaves it in `~/.aws/sso/cache`.
struct SSOToken: Sendable {
    let accessToken: Secret<String>
    let expiresAt: Date
    let refreshToken: Secret<String>?
    let clientID: String?
    let clientSecret: Secret<String>?
    /// As written, to be written back.
    let registrationExpiresAt: String?
    let startURL: String?
    let region: String?

    /// Whether it can be traded for a new one at `date` without anybody signing in.
    func isRefreshable(at date: Date) -> Bool {
        guard refreshToken != nil, clientID != nil, clientSecret != nil,
            let end = registrationExpiresAt.flatMap({ Self.date($0) })
        else { return false }
        return end > date
    }

    /// Times as the CLIs and SDKs write them; old ones say `UTC` for `Z`.
    static func date(_ text: String) -> Date? {
        Timestamp.date(text.hasSuffix("UTC") ? text.dropLast(3) + "Z" : text)
    }
}

extension SSOToken: Codable {
    private enum CodingKeys: String, CodingKey {
        case accessToken = "accessToken"
        case expiresAt = "expiresAt"
        case refreshToken = "refreshToken"
        case clientID = "clientId"
        case clientSecret = "clientSecret"
        case registrationExpiresAt = "registrationExpiresAt"
        case startURL = "startUrl"
        case region = "region"
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        accessToken = Secret(try CredentialCharacters.plain(fields, .accessToken))
        guard let date = Self.date(try fields.decode(String.self, forKey: .expiresAt)) else {
            throw DecodingError.dataCorruptedError(forKey: .expiresAt, in: fields, debugDescription: "not a time")
        }
        expiresAt = date
        refreshToken = try fields.decodeIfPresent(Secret<String>.self, forKey: .refreshToken)
        clientID = try fields.decodeIfPresent(String.self, forKey: .clientID)
        clientSecret = try fields.decodeIfPresent(Secret<String>.self, forKey: .clientSecret)
        registrationExpiresAt = try fields.decodeIfPresent(String.self, forKey: .registrationExpiresAt)
        startURL = try fields.decodeIfPresent(String.self, forKey: .startURL)
        region = try fields.decodeIfPresent(String.self, forKey: .region)
    }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encodeIfPresent(startURL, forKey: .startURL)
        try fields.encodeIfPresent(region, forKey: .region)
        try fields.encode(accessToken.reveal(), forKey: .accessToken)
        try fields.encode(Timestamp.string(expiresAt), forKey: .expiresAt)
        try fields.encodeIfPresent(clientID, forKey: .clientID)
        try fields.encodeIfPresent(clientSecret?.reveal(), forKey: .clientSecret)
        try fields.encodeIfPresent(registrationExpiresAt, forKey: .registrationExpiresAt)
        try fields.encodeIfPresent(refreshToken?.reveal(), forKey: .refreshToken)
    }
}
