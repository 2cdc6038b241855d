import AWSTestSupport
import BursarFoundation
import BursarModel
import Testing

@testable import AWSAuth

/// Tokens of aws-bedrock-token-generator 1.1.0, and requests as botocore sends them.
struct TokenVectors: Decodable {
    struct Token: Decodable, Sendable, CustomTestStringConvertible {
        struct Input: Decodable, Sendable {
            let accessKeyID: String
            let secretAccessKey: String
            let sessionToken: String?
            let region: String
            let timestamp: String
            let expiresSeconds: Int

            enum CodingKeys: String, CodingKey {
                case accessKeyID = "access_key_id"
                case secretAccessKey = "secret_access_key"
                case sessionToken = "session_token"
                case region = "region"
                case timestamp = "timestamp"
                case expiresSeconds = "expires_seconds"
            }
        }
        let id: String
        let input: Input
        let token: String

        var testDescription: String { id }
        var date: Date { Timestamp.date(input.timestamp) ?? .distantPast }
        var credentials: AWSCredentials {
            AWSCredentials(
                accessKeyID: input.accessKeyID,
                secretAccessKey: Secret(input.secretAccessKey),
                sessionToken: input.sessionToken.map { Secret($0) }
            )
        }
    }
    let vectors: [Token]

    static var tokens: [Token] {
        let url = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Vectors/token-vectors.json")
        return (try? JSONDecoder().decode(Self.self, from: Data(contentsOf: url)))?.vectors ?? []
    }
}

struct BedrockTokenTests {
    static let date = Recorded.date
    static let oldest = AWSCredentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: Secret("secret"))

    @Test(arguments: TokenVectors.tokens)
    func `tokens equal the Python generator's`(vector: TokenVectors.Token) throws {
        let token = try BedrockToken.provide(
            region: vector.input.region,
            credentials: vector.credentials,
            expiry: .seconds(vector.input.expiresSeconds),
            at: vector.date
        )
        #expect(token.value.reveal() == vector.token)
    }

    @Test(arguments: RandomTokenVector.all)
    func `tokens equal the Python generator's for random credentials`(vector: RandomTokenVector) throws {
        let token = try BedrockToken.provide(
            region: vector.region,
            credentials: AWSCredentials(
                accessKeyID: vector.accessKeyID,
                secretAccessKey: Secret(vector.secretAccessKey),
                sessionToken: vector.sessionToken.map { Secret($0) }
            ),
            expiry: .seconds(vector.expires),
            at: Date(timeIntervalSince1970: Double(vector.seconds))
        )
        #expect(token.value.reveal() == vector.token)
    }

    @Test func `the vectors are there`() {
        #expect(TokenVectors.tokens.count == 10)
        #expect(RandomTokenVector.all.count == 150)
    }

    @Test func `a token is the same with remembered keys, whatever was asked before`() throws {
        let keys = SigningKeyCache()
        for vector in TokenVectors.tokens + TokenVectors.tokens {
            let token = try BedrockToken.provide(
                region: vector.input.region,
                credentials: vector.credentials,
                expiry: .seconds(vector.input.expiresSeconds),
                at: vector.date,
                keys: keys
            )
            #expect(token.value.reveal() == vector.token)
        }
        #expect(keys.count <= TokenVectors.tokens.count)
    }

    @Test func `a token ends with the credentials that signed it`() throws {
        let credentials = AWSCredentials(
            accessKeyID: "ASIAEXAMPLE",
            secretAccessKey: Secret("secret"),
            sessionToken: Secret("token"),
            expiration: Self.date.addingTimeInterval(1800)
        )
        let token = try BedrockToken.provide(region: "us-east-1", credentials: credentials, at: Self.date)
        #expect(token.expiration == Self.date.addingTimeInterval(1800))
        let short = try BedrockToken.provide(
            region: "us-east-1",
            credentials: credentials,
            expiry: .seconds(60),
            at: Self.date
        )
        #expect(short.expiration == Self.date.addingTimeInterval(60))
    }

    /// The credentials' lifetime, the requested and the signed expiry: never beyond the session, for AWS one
    /// second at least, and byte for byte what is made when just that is asked for.
    @Test(
        arguments: [
            (1800, 43_200, 1800), (1800, 60, 60), (1800.9, 43_200, 1800), (0.4, 60, 1), (86_400 * 400, 43_200, 43_200),
            (1e15, 43_200, 43_200), (43_200, 43_200, 43_200),
        ] as [(Double, Int64, Int64)]
    )
    func `the end of a session is in the token itself`(life: Double, asked: Int64, signed: Int64) throws {
        func token(_ expiration: Date?, _ expiry: Int64) throws -> BedrockToken {
            let credentials = AWSCredentials(
                accessKeyID: "ASIAEXAMPLE",
                secretAccessKey: Secret("secret"),
                sessionToken: Secret("token"),
                expiration: expiration
            )
            return try BedrockToken.provide(
                region: "us-east-1",
                credentials: credentials,
                expiry: .seconds(expiry),
                at: Self.date
            )
        }
        let clipped = try token(Self.date.addingTimeInterval(life), asked)
        #expect(clipped.value.reveal() == (try token(nil, signed)).value.reveal())
        let decoded = try DecodedBedrockToken(clipped.value)
        #expect(decoded.latestEnd == decoded.start.addingTimeInterval(Double(signed)))
    }

    @Test(arguments: [
        Duration.zero, .seconds(-1), .milliseconds(500), .seconds(43_201), .milliseconds(1500),
        .seconds(Int64.max),
    ])
    func `an expiry that AWS refuses is refused`(expiry: Duration) {
        #expect(throws: SigningError.expiryOutOfRange) {
            try BedrockToken.provide(region: "us-east-1", credentials: Self.oldest, expiry: expiry, at: Self.date)
        }
    }

    @Test func `ended credentials make no token`() {
        let credentials = AWSCredentials(
            accessKeyID: "ASIAEXAMPLE",
            secretAccessKey: Secret("secret"),
            expiration: Self.date
        )
        #expect(throws: SigningError.credentialsEnded) {
            try BedrockToken.provide(region: "us-east-1", credentials: credentials, at: Self.date)
        }
    }

    @Test(arguments: ["", "us east", "us-east-1/x", "1"])
    func `a region that isn't one is refused`(region: String) {
        #expect(throws: SigningError.malformedRegion) {
            try BedrockToken.provide(region: region, credentials: Self.oldest, at: Self.date)
        }
    }
}

struct DecodedBedrockTokenTests {
    typealias ParseError = DecodedBedrockToken.ParseError

    static let pairs = [
        "Action=CallWithBearerToken", "X-Amz-Algorithm=AWS4-HMAC-SHA256",
        "X-Amz-Credential=ASIAEXAMPLE%2F20260102%2Feu-west-1%2Fbedrock%2Faws4_request", "X-Amz-Date=20260102T030405Z",
        "X-Amz-Expires=900", "X-Amz-SignedHeaders=host", "X-Amz-Security-Token=a%2Fb%3D", "X-Amz-Signature=0aF9",
        "Version=1",
    ]

    func token(_ pairs: [String], base: String = "bedrock.amazonaws.com/?") -> Secret<String> {
        Secret("bedrock-api-key-" + Data((base + pairs.joined(separator: "&")).utf8).base64EncodedString())
    }

    @Test(arguments: TokenVectors.tokens)
    func `what was put in is read back`(vector: TokenVectors.Token) throws {
        guard vector.id != "akid-odd" else { return }
        let decoded = try DecodedBedrockToken(Secret(vector.token))
        #expect(decoded.accessKeyID == vector.input.accessKeyID)
        #expect(decoded.region == vector.input.region)
        #expect(decoded.start == vector.date)
        #expect(decoded.latestEnd == vector.date.addingTimeInterval(Double(vector.input.expiresSeconds)))
        #expect(decoded.isOfSession == (vector.input.sessionToken != nil))
    }

    @Test(arguments: [pairs, pairs.reversed(), pairs.sorted(), Array(pairs[5...] + pairs[..<5])])
    func `parameters are read in any order`(pairs: [String]) throws {
        let decoded = try DecodedBedrockToken(token(pairs))
        #expect(decoded.accessKeyID == "ASIAEXAMPLE")
        #expect(decoded.region == "eu-west-1")
        #expect(decoded.latestEnd == Recorded.date.addingTimeInterval(900))
        #expect(decoded.isOfSession)
    }

    @Test func `base64 without padding and a scheme are read`() throws {
        let text = token(Self.pairs, base: "https://bedrock.amazonaws.com/?").reveal()
        _ = try DecodedBedrockToken(Secret(text.replacing("=", with: "")))
    }

    @Test(arguments: [
        ("", ParseError.wrongPrefix), ("ABSKQmVkcm9jaw==", .wrongPrefix), ("bedrock-api-key-", .notAToken),
        ("bedrock-api-key-%%%", .notAToken), ("bedrock-api-key-/w==", .notAToken),
        ("bedrock-api-key-" + String(repeating: "A", count: 40_000), .tooLong),
    ])
    func `what isn't a token is refused`(text: String, fault: ParseError) {
        #expect(throws: fault) { try DecodedBedrockToken(Secret(text)) }
    }

    @Test(arguments: [
        ("Action=CallWithBearerToken", "Action=Other", "Action"),
        ("X-Amz-Date=20260102T030405Z", "X-Amz-Date=20260231T030405Z", "X-Amz-Date"),
        ("X-Amz-Date=20260102T030405Z", "X-Amz-Date=2026", "X-Amz-Date"),
        ("X-Amz-Expires=900", "X-Amz-Expires=43201", "X-Amz-Expires"),
        ("X-Amz-Expires=900", "X-Amz-Expires=900&X-Amz-Expires=1", "X-Amz-Expires"),
        ("X-Amz-Signature=0aF9", "X-Amz-Signature=zz", "X-Amz-Signature"),
        ("%2Fbedrock%2F", "%2Fs3%2F", "X-Amz-Credential"),
        ("ASIAEXAMPLE%2F20260102", "ASIAEXAMPLE%2F20260103", "X-Amz-Credential"),
        ("ASIAEXAMPLE%2F", "%0A%2F", "X-Amz-Credential"),
    ])
    func `a parameter that is wrong is named`(part: String, replacement: String, name: String) {
        let pairs = Self.pairs.map { $0.replacing(part, with: replacement) }
        #expect(throws: ParseError.parameter(name)) { try DecodedBedrockToken(token(pairs)) }
    }

    @Test(arguments: ["Action", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-Signature"])
    func `a parameter that is missing is named`(name: String) {
        #expect(throws: ParseError.parameter(name)) {
            try DecodedBedrockToken(token(Self.pairs.filter { !$0.hasPrefix(name + "=") }))
        }
    }

    @Test func `another host's URL is refused`() {
        #expect(throws: ParseError.notAToken) { try DecodedBedrockToken(token(Self.pairs, base: "evil.example/?")) }
    }
}
