import AWSAuth
import AWSClients
import ArgumentParser
import BursarConsole
import BursarFoundation
import BursarModel

/// Makes a Bedrock bearer token, for tools that read one from the environment.
struct Token: CredsCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a Bedrock bearer token.",
        discussion: """
              bash, zsh:   eval "$(creds token)"
              fish:        creds token --format fish | source
              csh:         eval "`creds token --format csh`"
              PowerShell:  creds token --format powershell | Out-String | Invoke-Expression

            For tools that read AWS_BEARER_TOKEN_BEDROCK; made here, without asking AWS. It sets AWS_REGION too, \
            since a token works in one region only. When no token can be made, the shell sees a failure \
            and the old token is taken away.
            """
    )
    /// The variable that is removed when no new token can be made.
    static let secretVariables = ["AWS_BEARER_TOKEN_BEDROCK"]

    @Option(
        help: "How long it is to live, up to 12h; never longer than the credentials. (default: 12h)",
        transform: Self.span
    )
    var ttl: TimeSpan?
    @Option(help: "How to print it; raw is the token alone.")
    var format = VariableFormat.export
    @OptionGroup var source: SourceOptions

    func run(_ context: CredsContext) async throws {
        guard let region = try source.region(context) else {
            throw UserFacingError(
                "no region is set, and a token works in one only",
                hint: "creds token --region us-east-1"
            )
        }
        let credentials = try await source.credentials(context)
        // A token begins on a whole second.
        let now = Date(timeIntervalSince1970: context.now().timeIntervalSince1970.rounded(.down))
        let token = try token(credentials, region, at: now)
        for line in TokenReport(token, asked: ttl, credentials, at: now).lines { context.terminal.explain(line) }
        try context.terminal.print(try text(token).reveal())
    }

    private func token(_ credentials: AWSCredentials, _ region: AWSRegion, at date: Date) throws(UserFacingError)
        -> BedrockToken
    {
        do {
            return try BedrockToken.provide(
                region: region.description,
                credentials: credentials,
                expiry: ttl.map { .seconds($0.seconds) } ?? BedrockToken.longestExpiry,
                at: date
            )
        } catch {
            switch error {
            case .credentialsEnded:
                throw UserFacingError("the credentials have ended", hint: "check this machine's clock")
            case .malformedRegion, .expiryOutOfRange, .malformedURL:
                throw UserFacingError("no token can be made for \(region)", hint: "creds token --region us-east-1")
            }
        }
    }

    private func text(_ token: BedrockToken) throws -> Secret<String> {
        guard format != .raw else { return token.value }
        let variables = ShellVariables(
            values: [("AWS_BEARER_TOKEN_BEDROCK", token.value), ("AWS_REGION", Secret(token.region))],
            expiration: token.expiration
        )
        return try variables.text(format)
    }

    static func span(_ text: String) throws -> TimeSpan {
        guard let span = TimeSpan(text), span.seconds > 0, .seconds(span.seconds) <= BedrockToken.longestExpiry else {
            throw ValidationError("--ttl is a time like 45m or 6h, and 12h at most")
        }
        return span
    }
}

/// The explanation of a new token on standard error: the requested lifetime, the lifetime that the credentials allow,
/// and the actual expiry.
struct TokenReport {
    let lines: [String]

    init(_ token: BedrockToken, asked: TimeSpan?, _ credentials: AWSCredentials, at date: Date) {
        let longest = TimeSpan(seconds: Int(BedrockToken.longestExpiry.components.seconds))
        let allowed: String
        if let end = credentials.expiration {
            let left = TimeSpan(seconds: min(Self.whole(end, date), longest.seconds))
            allowed = "the credentials allow \(left)"
        } else if credentials.sessionToken != nil {
            allowed = "the credentials don't say when they end; the token ends with them"
        } else {
            allowed = "the credentials don't end, so AWS's \(longest) is the limit"
        }
        let left = TimeSpan(seconds: Self.whole(token.expiration, date))
        let atMost = credentials.expiration == nil && credentials.sessionToken != nil ? "at the latest " : ""
        lines = [
            (asked.map { "asked for \($0); " } ?? "") + allowed,
            "the token for \(token.region) ends \(atMost)in \(left), \(Timestamp.string(token.expiration))",
        ]
    }

    /// The remaining whole seconds, rounded down so that the lifetime is never overstated.
    private static func whole(_ end: Date, _ date: Date) -> Int {
        max(0, Int(end.timeIntervalSince(date).rounded(.down)))
    }
}
