import AWSAuth
import AWSClients
import ArgumentParser
import BursarConsole
import BursarFoundation
import BursarModel

/// Decodes a Bedrock bearer token, offline.
struct ShowToken: CredsCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say what a Bedrock bearer token holds.",
        discussion: """
              creds show-token
              pbpaste | creds show-token --format json

            Whose key, which region, from when to when. Reads standard input, else AWS_BEARER_TOKEN_BEDROCK, else asks; \
            never an argument, which other users of this machine could see. The signature is not checked: only AWS can.

            --format json: {"accessKeyID", "region", "start", "latestEnd", "secondsLeft", "isOfSession"}; a session's \
            token ends with the session, if that is earlier.
            """
    )

    @Option(help: "How to print it.")
    var format = KeyValueFormat.table

    func run(_ context: CredsContext) async throws {
        let details = TokenDetails(try Self.decode(try Self.token(context)), at: context.now())
        switch format {
        case .table: try context.terminal.print(details.facts.text(context.terminal.output))
        case .json: try context.terminal.print(JSONText.line(details.json))
        }
        guard let region = context.environmentRegion, region != details.region else { return }
        context.terminal.warn(
            UserFacingError("the region that is set is \(region)", hint: "export AWS_REGION=\(details.region)")
        )
    }

    /// The token: piped input takes precedence over the variable, since it is the more deliberate choice.
    private static func token(_ context: CredsContext) throws(UserFacingError) -> Secret<String> {
        let variable = context.nonEmpty("AWS_BEARER_TOKEN_BEDROCK")
        if StandardStream.input.isTerminal, let variable { return trimmed(variable) }
        let read = try SecretInput.read(prompt: "Token: ", limit: 64 << 10)
        if let token = nonEmpty(read) { return token }
        guard let variable else {
            throw UserFacingError(
                "there is no token on standard input nor in AWS_BEARER_TOKEN_BEDROCK",
                hint: #"eval "$(creds token)" makes one"#
            )
        }
        return trimmed(variable)
    }

    private static func nonEmpty(_ text: Secret<String>) -> Secret<String>? {
        let token = trimmed(text.reveal())
        return token.reveal().isEmpty ? nil : token
    }

    private static func trimmed(_ text: String) -> Secret<String> {
        Secret(String(text.trimmingASCIIWhitespace()))
    }

    static func decode(_ token: Secret<String>) throws(UserFacingError) -> DecodedBedrockToken {
        do {
            return try DecodedBedrockToken(token)
        } catch {
            throw problem(error, isLongTerm: token.reveal().hasPrefix("ABSK"))
        }
    }

    private static func problem(_ fault: DecodedBedrockToken.ParseError, isLongTerm: Bool) -> UserFacingError {
        let hint = "copy all of it, from bedrock-api-key- on"
        return switch fault {
        case .wrongPrefix where isLongTerm:
            UserFacingError(
                "this is a long-term Bedrock API key, which doesn't tell when it ends",
                hint: "the IAM console shows it, under the user's security credentials"
            )
        case .wrongPrefix:
            UserFacingError("this is not a Bedrock bearer token", hint: "one begins with bedrock-api-key-")
        case .tooLong: UserFacingError("this is too long for a Bedrock bearer token", hint: hint)
        case .notAToken: UserFacingError("this is not a whole Bedrock bearer token", hint: hint)
        case .parameter(let name):
            UserFacingError(
                "this is not a Bedrock bearer token as AWS makes it: \(ParameterName.shown(name))",
                hint: hint
            )
        }
    }
}

/// The name of a parameter from an untrusted token, in a form that is safe to show.
private enum ParameterName {
    static func shown(_ name: String) -> String {
        let isKnown = name == "Action" || name.hasPrefix("X-Amz-") && name.utf8.count <= 32
        return isKnown ? "\(name) is missing or malformed" : "a parameter comes twice"
    }
}

/// A decoded token's fields, as a table or JSON.
struct TokenDetails {
    private let token: DecodedBedrockToken
    private let left: Int

    init(_ token: DecodedBedrockToken, at date: Date) {
        self.token = token
        left = Int(token.latestEnd.timeIntervalSince(date).rounded(.down))
    }

    var region: String { token.region }

    var facts: KeyValueTable {
        KeyValueTable([
            ("key id", token.accessKeyID), ("region", token.region),
            ("start", Timestamp.string(token.start)), ("end", Timestamp.string(token.latestEnd)),
            ("time left", left > 0 ? TimeSpan(seconds: left).description : "none; ended \(ago) ago"),
            (
                "signed by",
                token.isOfSession ? "a session; the token ends with it, if that is earlier" : "a long-lived key"
            ),
        ])
    }

    /// The fields of the JSON output.
    var json: Fields {
        Fields(
            accessKeyID: token.accessKeyID,
            region: token.region,
            start: Timestamp.string(token.start),
            latestEnd: Timestamp.string(token.latestEnd),
            secondsLeft: max(0, left),
            isOfSession: token.isOfSession
        )
    }

    struct Fields: Codable, Equatable {
        let accessKeyID: String
        let region: String
        let start: String
        let latestEnd: String
        let secondsLeft: Int
        let isOfSession: Bool
    }

    private var ago: TimeSpan { TimeSpan(seconds: -left) }
}
