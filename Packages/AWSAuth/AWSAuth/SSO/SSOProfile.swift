import INIParser

/// What a profile says about its SSO session, in the `sso-session` form or the older one without.
struct SSOProfile: Sendable {
    let profile: String
    let accountID: String
    let roleName: String
    let startURL: String
    let region: String
    /// nil in the older form.
    let sessionName: String?

    /// What the cached token's file is named after.
    var cacheName: String { sessionName ?? startURL }

    /// Tokens of the older form have no refresh token.
    var isRefreshable: Bool { sessionName != nil }

    /// nil when the profile has neither `sso_account_id` nor `sso_role_name`.
    ///
    /// - Throws: ``CredentialError`` for what is missing or contradicts the `sso-session` section.
    init?(_ profile: Profile, sessions: [ExactText: Profile]) throws(CredentialError) {
        guard profile.has("sso_role_name") || profile.has("sso_account_id") else { return nil }
        var merged = profile
        sessionName = try profile.text("sso_session")
        if let sessionName {
            guard let session = sessions[ExactText(sessionName)] else {
                throw .incomplete(source: "profile \(profile.name)", missing: "sso-session \(sessionName)")
            }
            for name in Set(session.sections.flatMap(\.effectiveOptions.keys)) {
                guard profile[name] == nil || profile[name] == session[name] else {
                    throw .malformed(
                        source: "profile \(profile.name)",
                        detail: "\(name) differs from sso-session \(sessionName)"
                    )
                }
            }
            merged.sections = session.sections + profile.sections
            for name in ["sso_start_url", "sso_region"] as [ExactText] where !session.has(name) {
                throw .incomplete(source: "sso-session \(sessionName)", missing: name.text)
            }
        }
        self.profile = profile.name
        startURL = try merged.required("sso_start_url")
        region = try merged.required("sso_region")
        roleName = try merged.required("sso_role_name")
        accountID = try merged.required("sso_account_id")
    }
}
