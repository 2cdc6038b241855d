public import BursarFoundation
public import BursarModel

/// The fields of a Bedrock token, which anyone can decode; the signature isn't checked, since only AWS can.
///
/// Reads the tokens of the Python, JavaScript and Java generators, whose parameters come in different orders.
public struct DecodedBedrockToken: Sendable, Equatable {
    public let accessKeyID: String
    public let region: String
    public let start: Date
    /// `start` and the expiry it asks for; it ends earlier when the credentials that signed it do.
    public let latestEnd: Date
    /// True if short-lived credentials signed it, so that it expires with them.
    public let isOfSession: Bool

    static let prefix = "bedrock-api-key-"
    /// Characters; AWS's session tokens are far from it.
    static let longest = 32_768

    /// The reason why a text isn't a Bedrock token; no case repeats any of the text.
    public enum ParseError: Error, Sendable, Equatable {
        /// Doesn't begin with `bedrock-api-key-`: perhaps a long-term key, or another secret altogether.
        case wrongPrefix
        case tooLong
        /// Not base64 of a URL of `bedrock.amazonaws.com`.
        case notAToken
        /// The parameter of this name is missing, repeated or malformed.
        case parameter(String)
    }

    /// Decodes `token`.
    ///
    /// - Throws: ``ParseError``.
    public init(_ token: Secret<String>) throws(ParseError) {
        let text = token.reveal()
        guard text.hasPrefix(Self.prefix) else { throw .wrongPrefix }
        guard text.utf8.count <= Self.longest else { throw .tooLong }
        var encoded = String(text.dropFirst(Self.prefix.count))
        while encoded.utf8.count % 4 != 0, !encoded.hasSuffix("==") { encoded.append("=") }
        guard let data = Data(base64Encoded: encoded), let url = String(validating: data, as: UTF8.self) else {
            throw .notAToken
        }
        let rest = url.hasPrefix("https://") ? url.dropFirst("https://".count) : url[...]
        let host = ["bedrock.amazonaws.com/?", "bedrock.amazonaws.com?"].first { rest.hasPrefix($0) }
        guard let host else { throw .notAToken }

        let values = try Self.parameters(rest.dropFirst(host.count))
        func value(_ name: String) throws(ParseError) -> String {
            guard let value = values[name], !value.isEmpty else { throw .parameter(name) }
            return value
        }
        guard try value("Action") == "CallWithBearerToken" else { throw .parameter("Action") }
        guard try value("X-Amz-Algorithm") == "AWS4-HMAC-SHA256" else { throw .parameter("X-Amz-Algorithm") }
        guard try value("X-Amz-Signature").utf8.allSatisfy({ Hex.value($0) != nil }) else {
            throw .parameter("X-Amz-Signature")
        }
        let stamp = try value("X-Amz-Date")
        guard let start = SigningDate.date(stamp) else { throw .parameter("X-Amz-Date") }
        guard let expiry = Int(try value("X-Amz-Expires")), (1...43_200).contains(expiry) else {
            throw .parameter("X-Amz-Expires")
        }
        let scope = try value("X-Amz-Credential").split(separator: "/", omittingEmptySubsequences: false)
        guard scope.count == 5, scope[1] == stamp.prefix(8), RegionName.isValid(String(scope[2])),
            scope[3] == "bedrock", scope[4] == "aws4_request", Self.isPlain(scope[0])
        else { throw .parameter("X-Amz-Credential") }
        accessKeyID = String(scope[0])
        region = String(scope[2])
        self.start = start
        latestEnd = start.addingTimeInterval(Double(expiry))
        isOfSession = values["X-Amz-Security-Token"].map { !$0.isEmpty } ?? false
    }

    private static func parameters(_ query: Substring) throws(ParseError) -> [String: String] {
        var values: [String: String] = [:]
        for pair in query.utf8.split(separator: UInt8(ascii: "&")) {
            let halves = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentEncoding.decode(Substring(halves[0])) else { throw .notAToken }
            let text = halves.count > 1 ? Substring(halves[1]) : ""
            guard let value = PercentEncoding.decode(text), isPlain(name) else { throw .notAToken }
            guard values.updateValue(value, forKey: name) == nil else { throw .parameter(name) }
        }
        return values
    }

    private static func isPlain(_ text: some StringProtocol) -> Bool {
        (1...128).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}
