import INIParser

/// The section of `~/.aws/config` that makes AWS clients run creds.
struct ProfileEntry {
    let name: ProfileName
    /// The complete command line, already quoted.
    let command: String
    let region: String?

    func text(lineEnd: String) -> String {
        var lines = [name.configHeader, "credential_process = \(command)"]
        if let region { lines.append("region = \(region)") }
        return lines.map { $0 + lineEnd }.joined()
    }

    /// Returns true if clients read the same settings from `section` as from this entry; other options, such as
    /// `output`, are ignored.
    func isSaid(by section: INIDocument.Section) -> Bool {
        section.options["credential_process"]?.text == command
            && (region == nil || section["region"]?.text == region)
            && CredentialSource.options.isDisjoint(with: section.options.keys.filter { $0 != "credential_process" })
    }
}

/// The options that give a profile a source of credentials.
enum CredentialSource {
    static let options: Set<ExactText> = [
        "aws_access_key_id", "aws_secret_access_key", "aws_session_token", "credential_process", "credential_source",
        "login_session", "role_arn", "source_profile", "sso_account_id", "sso_role_name", "sso_session",
        "sso_start_url", "web_identity_token_file",
    ]

    /// Options that keep botocore from running a `credential_process` of the same profile.
    static let winningInConfig: Set<ExactText> = [
        "login_session", "role_arn", "sso_account_id", "sso_role_name", "web_identity_token_file",
    ]

    /// Options of `~/.aws/credentials` that do so, since that file takes precedence over `~/.aws/config`.
    static let winningInCredentials = winningInConfig.union(["aws_access_key_id", "credential_process"])
}

/// Options of `[DEFAULT]` that choose a credential source.
///
/// In botocore they apply to every profile of the file.
struct INIDefaults: Equatable {
    /// The option names, in alphabetical order.
    let names: [String]
    /// The line of the first option.
    let line: Int
    let range: Range<Int>

    /// Returns nil when `section` has no default that takes precedence over its `credential_process`.
    init?(winningIn section: INIDocument.Section, among winning: Set<ExactText> = CredentialSource.winningInConfig) {
        let found = section.defaults.filter { winning.contains($0.key) && section.options[$0.key] == nil }
        guard let first = found.values.min(by: { $0.line < $1.line }) else { return nil }
        names = found.keys.map(\.text).sorted()
        line = first.line
        range = first.range
    }

    /// A description such as `sso_account_id, sso_role_name under [DEFAULT]`.
    var description: String {
        "\(names.joined(separator: ", ")) under [DEFAULT]"
    }
}
