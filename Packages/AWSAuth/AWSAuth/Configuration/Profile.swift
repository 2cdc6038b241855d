/// A profile: what the config file says of it, and on top what the credentials file says.
struct Profile {
    let name: String
    var settings: [String: ConfigValue] = [:]

    /// A setting; nil when it isn't there.
    ///
    /// - Throws: ``CredentialError/malformed(source:detail:)`` when an indented block stands there.
    func text(_ setting: String) throws(CredentialError) -> String? {
        guard let value = settings[setting] else { return nil }
        guard let text = value.text else {
            throw .malformed(source: "profile \(name)", detail: "\(setting) is a block, not a value")
        }
        return text
    }

    func has(_ setting: String) -> Bool {
        settings[setting] != nil
    }

    /// A setting that must be there and not empty.
    func required(_ setting: String) throws(CredentialError) -> String {
        guard let text = try text(setting), !text.isEmpty else {
            throw .incomplete(source: "profile \(name)", missing: setting)
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
