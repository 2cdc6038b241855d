import AWSAuth
import ArgumentParser
import BursarConsole
import BursarModel

/// Prints session credentials as variables, for tools that know nothing of profiles.
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
    /// What is taken away when there are no new ones.
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
            // Another session's token beside long-lived keys would make AWS refuse them.
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
