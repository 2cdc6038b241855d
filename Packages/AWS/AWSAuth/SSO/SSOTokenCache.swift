import BursarFiles
import BursarFoundation
import BursarModel
import Crypto
import SystemPackage

/// `~/.aws/sso/cache`, which all AWS tools share: one file per `sso-session`, named by the SHA-1 of its name (or of the
/// start URL, for profiles without one).
struct SSOTokenCache {
    let folder: FilePath

    static let longestFile = 256 << 10

    /// A refresh is sent once and has 10 seconds.
    static let longestRefresh = Duration.seconds(12)

    func path(of session: String) -> FilePath {
        folder.appending(name(session) + ".json")
    }

    private func name(_ session: String) -> String {
        Hex.string(Insecure.SHA1.hash(data: Array(session.utf8)))
    }

    /// The cached token.
    ///
    /// - Throws: ``CredentialError``: when there is none, or the file isn't what it should be.
    func token(of session: String) throws(CredentialError) -> SSOToken {
        let path = path(of: session)
        let bytes: [UInt8]?
        do {
            bytes = try FileContent.readIfPresent(path, limit: Self.longestFile)
        } catch {
            throw .malformed(source: path.string, detail: error.problem)
        }
        guard let bytes else {
            throw .signedOut(source: "sso session \(session)", detail: "there is no sign-in")
        }
        do {
            return try JSONDecoder().decode(SSOToken.self, from: Data(bytes))
        } catch {
            throw .malformed(source: path.string, detail: CredentialCharacters.problem(error))
        }
    }

    /// Keeps other processes from refreshing the session meanwhile; nil when one of them takes longer than a refresh
    /// may.
    ///
    /// - Throws: ``CredentialError`` where nothing can be written, as then a refresh would lose the session.
    func lock(_ session: String) async throws -> FileLock? {
        let path = folder.appending(name(session) + ".lock")
        let deadline = ContinuousClock.now.advanced(by: Self.longestRefresh)
        do {
            return try await FileLock.acquire(path, before: deadline)
        } catch let fault as FileError {
            throw CredentialError.failed(source: path.string, detail: fault.problem)
        }
    }

    /// Puts `token` in the place of the cached one, readable by this user only.
    func store(_ token: SSOToken, of session: String) throws {
        try PrivateFile.write(try StableJSON.data(token), to: path(of: session))
    }
}

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

    /// True if the session can be refreshed at `date` without a new sign-in.
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
