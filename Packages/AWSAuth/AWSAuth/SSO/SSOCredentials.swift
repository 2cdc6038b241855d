import BursarCore
import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Role credentials of a person who signed in with `aws sso login`.
///
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-sso-credentials.html
struct SSOCredentials: CredentialProvider {
    let session: SSOProfile
    let cache: SSOTokenCache
    let portal: SSOClient
    let oidc: SSOOIDCClient
    let surroundings: Surroundings

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
        let now = surroundings.now()
        let left = token.expiresAt.timeIntervalSince(now)
        if session.isRefreshable, left < Self.refreshWindow, token.isRefreshable(at: now),
            let fresh = try await refreshed(token)
        {
            return fresh
        }
        guard left > 0 else { throw signInAgain() }
        return token.accessToken
    }

    /// nil when the service says no, or can't be reached: what is left of the old token decides then.
    private func refreshed(_ token: SSOToken) async throws -> Secret<String>? {
        guard let refreshToken = token.refreshToken, let clientID = token.clientID,
            let clientSecret = token.clientSecret
        else { return nil }
        let grant: SSOOIDCClient.Grant
        do {
            grant = try await oidc.createToken(
                refreshToken: refreshToken,
                clientID: clientID,
                clientSecret: clientSecret
            )
        } catch is AWSError {
            return nil
        }
        let fresh = SSOToken(
            accessToken: grant.accessToken,
            expiresAt: surroundings.now().addingTimeInterval(Double(grant.lifetime.components.seconds)),
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
        .failed(
            source: "sso session of profile \(session.profile)",
            detail: "the sign-in is over; run `aws sso login`"
        )
    }
}
