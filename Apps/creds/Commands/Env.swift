import AWSAuth
import AWSClients
import ArgumentParser
import BursarConsole
import BursarFoundation
import BursarModel

/// Prints session credentials as variables, for tools without support for profiles.
struct Env: CredsCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print a session as environment variables.",
        discussion: """
              bash, zsh:    eval "$(creds env)"
              fish:         creds env --format fish | source
              csh:          eval "`creds env --format csh`"
              PowerShell:   creds env --format powershell | Out-String | Invoke-Expression
              Claude Code:  "awsCredentialExport": "creds env --format claude"

            They end with the session and are not renewed: where a tool knows profiles, AWS_PROFILE is better. When \
            there are none, the shell sees a failure and the old ones are taken away.
            """
    )
    /// The variables that are removed when no new values can be had.
    static let secretVariables = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]

    @Option(help: "How to print them; raw is NAME=value with nothing quoted, as docker --env-file takes it.")
    var format = EnvironmentFormat.variables(.export)
    @OptionGroup var source: SourceOptions

    func run(_ context: CredsContext) async throws {
        let region = try source.region(context)
        let credentials = try await source.credentials(context)
        let text: Secret<String>
        switch format {
        case .variables(let format):
            warnOfToken(context)
            text = try Self.variables(credentials, region).text(format)
        case .claude: text = try ClaudeExport(credentials).text()
        }
        try context.terminal.print(text.reveal())
    }

    static func variables(_ credentials: AWSCredentials, _ region: AWSRegion?) -> ShellVariables {
        var values: [(name: String, value: Secret<String>?)] = [
            ("AWS_ACCESS_KEY_ID", Secret(credentials.accessKeyID)),
            ("AWS_SECRET_ACCESS_KEY", credentials.secretAccessKey),
            // AWS refuses long-lived keys with another session's token.
            ("AWS_SESSION_TOKEN", credentials.sessionToken),
        ]
        if let region { values.append(("AWS_REGION", Secret(region.description))) }
        return ShellVariables(values: values, expiration: credentials.expiration)
    }

    private func warnOfToken(_ context: CredsContext) {
        guard context.environment["AWS_BEARER_TOKEN_BEDROCK"] != nil else { return }
        context.terminal.warn(
            UserFacingError(
                "AWS_BEARER_TOKEN_BEDROCK is set, and beats these for Bedrock, even when it is empty",
                hint: "unset AWS_BEARER_TOKEN_BEDROCK"
            )
        )
    }
}

/// The output format of `creds env`: variables, or the JSON of Claude Code's `awsCredentialExport`.
enum EnvironmentFormat: Sendable, Equatable, ExpressibleByArgument {
    case variables(VariableFormat)
    case claude

    init?(argument: String) {
        if argument == "claude" {
            self = .claude
        } else if let format = VariableFormat(rawValue: argument) {
            self = .variables(format)
        } else {
            return nil
        }
    }

    static var allValueStrings: [String] { VariableFormat.allCases.map(\.rawValue) + ["claude"] }

    var defaultValueDescription: String {
        switch self {
        case .variables(let format): format.rawValue
        case .claude: "claude"
        }
    }
}

/// The output of Claude Code's `awsCredentialExport` command: `{"Credentials":{…}}`.
///
/// Without `Expiration`, which it reads since 2.1.176, Claude Code keeps the session for an hour, whatever its
/// remaining lifetime.
struct ClaudeExport {
    private let accessKeyID: String
    private let secretAccessKey: Secret<String>
    private let sessionToken: Secret<String>
    private let expiration: Date?

    /// - Throws: ``UserFacingError`` for long-lived keys: all three values are required.
    init(_ credentials: AWSCredentials) throws(UserFacingError) {
        guard let token = credentials.sessionToken else {
            throw UserFacingError(
                "these are long-lived keys, and Claude Code takes session credentials here",
                hint: "leave out --from chain, or use a profile with a role or SSO"
            )
        }
        accessKeyID = credentials.accessKeyID
        secretAccessKey = credentials.secretAccessKey
        sessionToken = token
        expiration = credentials.expiration
    }

    func text() throws -> Secret<String> {
        var credentials = [
            "AccessKeyId": accessKeyID,
            "SecretAccessKey": secretAccessKey.reveal(),
            "SessionToken": sessionToken.reveal(),
        ]
        credentials["Expiration"] = expiration.map { Timestamp.string($0) }
        return Secret(try JSONText.line(["Credentials": credentials]))
    }
}
