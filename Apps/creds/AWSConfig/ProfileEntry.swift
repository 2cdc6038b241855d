import INIParser

/// The section that makes AWS clients ask us: what `creds install` wants to see in `~/.aws/config`.
struct ProfileEntry {
    let name: ProfileName
    /// The whole command line, quoted already.
    let command: String
    let region: String?

    func text(lineEnd: String) -> String {
        var lines = [name.configHeader, "credential_process = \(command)"]
        if let region { lines.append("region = \(region)") }
        return lines.map { $0 + lineEnd }.joined()
    }

    /// Whether clients would find the same in `section` as in ours; other options, such as `output`, don't matter.
    func isSaid(by section: INIDocument.Section) -> Bool {
        section.options["credential_process"]?.text == command
            && (region == nil || section["region"]?.text == region)
            && CredentialSource.options.isDisjoint(with: section.options.keys.filter { $0 != "credential_process" })
    }
}

/// The options that make a profile get its credentials somewhere.
enum CredentialSource {
    static let options: Set<ExactText> = [
        "aws_access_key_id", "aws_secret_access_key", "aws_session_token", "credential_process", "credential_source",
        "login_session", "role_arn", "source_profile", "sso_account_id", "sso_role_name", "sso_session",
        "sso_start_url", "web_identity_token_file",
    ]

    /// Those that by themselves keep botocore from running a `credential_process` of the same profile.
    static let winningInConfig: Set<ExactText> = [
        "login_session", "role_arn", "sso_account_id", "sso_role_name", "web_identity_token_file",
    ]

    /// Those that do so from `~/.aws/credentials`, which goes before `~/.aws/config`.
    static let winningInCredentials = winningInConfig.union(["aws_access_key_id", "credential_process"])
}

/// Options of `[DEFAULT]`, which in botocore every profile of the file has, that decide where credentials come from.
struct INIDefaults: Equatable {
    /// In alphabetical order.
    let names: [String]
    /// The line of the first of them.
    let line: Int
    let range: Range<Int>

    /// nil when `section` has none that wins over its `credential_process`.
    init?(winningIn section: INIDocument.Section, among winning: Set<ExactText> = CredentialSource.winningInConfig) {
        let found = section.defaults.filter { winning.contains($0.key) && section.options[$0.key] == nil }
        guard let first = found.values.min(by: { $0.line < $1.line }) else { return nil }
        names = found.keys.map(\.text).sorted()
        line = first.line
        range = first.range
    }

    /// `sso_account_id, sso_role_name under [DEFAULT]`.
    var description: String {
        "\(names.joined(separator: ", ")) under [DEFAULT]"
    }
}
