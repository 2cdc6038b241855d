public import BursarFoundation
public import BursarModel

/// The credentials that sign a request: long-lived keys, or a session's keys with their token.
public struct AWSCredentials: Sendable, Equatable {
    /// The public half (`AKIA…`, `ASIA…`).
    public let accessKeyID: String
    public let secretAccessKey: Secret<String>
    /// nil for long-lived keys; an empty token counts as none.
    public let sessionToken: Secret<String>?
    /// The date from which AWS refuses them, UTC; nil if they don't expire or the source doesn't report it.
    public let expiration: Date?
    /// The account that they belong to, if the source reports it.
    public let accountID: String?

    public init(
        accessKeyID: String,
        secretAccessKey: Secret<String>,
        sessionToken: Secret<String>? = nil,
        expiration: Date? = nil,
        accountID: String? = nil
    ) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken.flatMap { $0.reveal().isEmpty ? nil : $0 }
        self.expiration = expiration
        self.accountID = accountID
    }

    public init(_ session: SessionCredentials, accountID: String? = nil) {
        self.init(
            accessKeyID: session.accessKeyID,
            secretAccessKey: session.secretAccessKey,
            sessionToken: session.sessionToken,
            expiration: session.expiration,
            accountID: accountID
        )
    }
}

/// A place that credentials come from.
public protocol CredentialProvider: Sendable {
    /// Returns credentials that are valid now; callers ask again for each use.
    ///
    /// - Throws: ``CredentialError``, ``AWSError``, or `CancellationError`.
    func credentials() async throws -> AWSCredentials
}

/// Fixed credentials.
public struct StaticCredentials: CredentialProvider {
    private let held: AWSCredentials

    public init(_ credentials: AWSCredentials) {
        held = credentials
    }

    public func credentials() -> AWSCredentials { held }
}

/// Checks on credentials from outside, made before any of them enters a header.
enum CredentialCharacters {
    /// A field of printable ASCII without blanks, quotes and backslashes, at most 16 KiB.
    static func plain<Key>(_ fields: KeyedDecodingContainer<Key>, _ key: Key) throws -> String {
        let text = try fields.decode(String.self, forKey: key)
        guard isPlain(text) else {
            throw DecodingError.dataCorruptedError(forKey: key, in: fields, debugDescription: "not plain")
        }
        return text
    }

    static func isPlain(_ text: String) -> Bool {
        (1...16_384).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }
    }

    /// A setting that isn't secret, as an error may show it: shortened, and without what a URL may hide.
    static func shown(_ value: String) -> String {
        var text = value
        if let scheme = text.firstRange(of: "://") {
            let authority = text[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
            if let at = authority.lastIndex(of: "@") { text.replaceSubrange(authority.startIndex..<at, with: "…") }
        }
        if let query = text.firstIndex(of: "?") { text.replaceSubrange(query..., with: "?…") }
        return text.count > 80 ? "\"\(text.prefix(79))…\"" : "\"\(text)\""
    }

    /// The name of the field at which JSON could not be decoded; no value is repeated.
    static func problem(_ error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, _): "no \(key.stringValue)"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
            DecodingError.dataCorrupted(let context):
            context.codingPath.last.map { "\($0.stringValue) is malformed" } ?? "not the JSON it should be"
        default: "not the JSON it should be"
        }
    }
}
