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
        section.options["credential_process"] == command
            && (region == nil || section.options["region"] == region)
            && CredentialSource.options.isDisjoint(with: section.options.keys.filter { $0 != "credential_process" })
    }
}

/// The options that make a profile get its credentials somewhere.
enum CredentialSource {
    static let options: Set<String> = [
        "aws_access_key_id", "aws_secret_access_key", "aws_session_token", "credential_process", "credential_source",
        "login_session", "role_arn", "source_profile", "sso_account_id", "sso_role_name", "sso_session",
        "sso_start_url", "web_identity_token_file",
    ]
}
