import INIParser

/// A profile: what the config file says of it, and on top what the credentials file says.
///
/// Also an `sso-session` or `services` section, which is read alike.
struct Profile {
    let name: String
    /// What the first says counts; each has what `[DEFAULT]` of its file says.
    var sections: [INIDocument.Section] = []

    subscript(_ setting: ExactText) -> INIDocument.Value? {
        sections.lazy.compactMap { $0[setting]?.value }.first
    }

    /// A setting; nil when it isn't there.
    ///
    /// - Throws: ``CredentialError/malformed(source:detail:)`` when an indented block stands there.
    func text(_ setting: ExactText) throws(CredentialError) -> String? {
        guard let value = self[setting] else { return nil }
        guard let text = value.text else {
            throw .malformed(source: "profile \(name)", detail: "\(setting) is a block, not a value")
        }
        return text
    }

    func has(_ setting: ExactText) -> Bool {
        self[setting] != nil
    }

    /// A setting that must be there and not empty.
    func required(_ setting: ExactText) throws(CredentialError) -> String {
        guard let text = try text(setting), !text.isEmpty else {
            throw .incomplete(source: "profile \(name)", missing: setting.text)
        }
        return text
    }

    /// Settings of its own, not of a role that it assumes.
    var hasStaticKeys: Bool {
        has("aws_access_key_id") || has("aws_secret_access_key")
    }

    /// A role over a source; one with a web identity isn't, as that needs no source.
    var hasRole: Bool {
        has("role_arn") && !has("web_identity_token_file")
    }
}
