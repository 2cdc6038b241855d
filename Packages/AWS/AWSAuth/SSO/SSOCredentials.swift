import BursarFiles
import BursarFoundation
import BursarModel
import INIParser
import SystemPackage

/// Role credentials of a person who signed in with `aws sso login`.
///
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-sso-credentials.html
struct SSOCredentials: CredentialProvider {
    let session: SSOProfile
    let cache: SSOTokenCache
    let portal: SSOClient
    let oidc: SSOOIDCClient
    let clientContext: AWSClientContext

    /// A token with less than this left is refreshed, as in botocore.
    static let refreshWindow: TimeInterval = 15 * 60

    func credentials() async throws -> AWSCredentials {
        let token = try await accessToken()
        do {
            let credentials = try await portal.roleCredentials(
                account: session.accountID,
                role: session.roleName,
                token: token
            )
            return AWSCredentials(credentials, accountID: session.accountID)
        } catch AWSError.refused(let refusal) where refusal.status == 401 {
            throw signInAgain()
        }
    }

    private func accessToken() async throws -> Secret<String> {
        let token = try cache.token(of: session.cacheName)
        guard mayRefresh(token) else { return try inForce(token) }
        // Another program may be refreshing: its refresh invalidates the token that this one would send.
        let lock: FileLock?
        do {
            lock = try await cache.lock(session.cacheName)
        } catch let error as CredentialError {
            guard isInForce(token) else { throw error }
            return token.accessToken
        }
        guard let lock else { return try inForce(token) }
        let current = try await renewed()
        lock.release()
        return current
    }

    /// A valid token, refreshed unless another process has done so meanwhile.
    private func renewed() async throws -> Secret<String> {
        let current = try cache.token(of: session.cacheName)
        guard mayRefresh(current) else { return try inForce(current) }
        do {
            return try await refreshed(current)
        } catch let error as AWSError {
            guard isInForce(current) else {
                if case .refused = error, !error.isRetryable { throw signInAgain() }
                throw error
            }
            return current.accessToken
        }
    }

    private func mayRefresh(_ token: SSOToken) -> Bool {
        let now = clientContext.now()
        return session.isRefreshable && token.expiresAt.timeIntervalSince(now) < Self.refreshWindow
            && token.isRefreshable(at: now)
    }

    private func isInForce(_ token: SSOToken) -> Bool {
        token.expiresAt > clientContext.now()
    }

    private func inForce(_ token: SSOToken) throws -> Secret<String> {
        guard isInForce(token) else { throw signInAgain() }
        return token.accessToken
    }

    private func refreshed(_ token: SSOToken) async throws -> Secret<String> {
        guard let refreshToken = token.refreshToken, let clientID = token.clientID,
            let clientSecret = token.clientSecret
        else { throw signInAgain() }
        let grant = try await oidc.createToken(
            refreshToken: refreshToken,
            clientID: clientID,
            clientSecret: clientSecret
        )
        let fresh = SSOToken(
            accessToken: grant.accessToken,
            expiresAt: clientContext.now().addingTimeInterval(Double(grant.lifetime.components.seconds)),
            refreshToken: grant.refreshToken ?? refreshToken,
            clientID: clientID,
            clientSecret: clientSecret,
            registrationExpiresAt: token.registrationExpiresAt,
            startURL: session.startURL,
            region: session.region
        )
        do {
            try cache.store(fresh, of: session.cacheName)
        } catch {
            // The old refresh token may be used up now, so losing the new one means a new sign-in: say so at once.
            throw CredentialError.failed(
                source: cache.path(of: session.cacheName).string,
                detail: "the refreshed session can't be written"
            )
        }
        return fresh.accessToken
    }

    private func signInAgain() -> CredentialError {
        .signedOut(source: "sso session of profile \(session.profile)", detail: "the sign-in is over")
    }
}

/// A profile's SSO settings, in the `sso-session` form or the older one without.
struct SSOProfile: Sendable {
    let profile: String
    let accountID: String
    let roleName: String
    let startURL: String
    let region: String
    /// nil in the older form.
    let sessionName: String?

    /// The text whose hash names the cached token's file.
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
