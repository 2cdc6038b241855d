import BursarModel
import INIParser

/// Finds the source of credentials that a profile's settings name.
struct ProfileSources {
    let settings: ResolvedProfile
    let clientContext: AWSClientContext

    /// Web identity, SSO, credentials file, login, process, config file: the first that `name` has; nil for none.
    func ofProfile(_ name: String, usesVariables: Bool) throws -> CredentialChain.Found? {
        let configuration = settings.configuration
        let profile = configuration.profiles[ExactText(name)] ?? Profile(name: name)
        if let provider = try webIdentity(profile, usesVariables: usesVariables) {
            return .init(.webIdentity, provider)
        }
        if let provider = try sso(profile) { return .init(.sso, provider) }
        if let keys = try configuration.credentialProfiles[ExactText(name)].flatMap({ try ProfileKeys($0) }) {
            return .init(.sharedCredentialsFile, keys)
        }
        if profile.has("login_session") {
            throw CredentialError.unsupported(
                source: "login_session of profile \(name)",
                hint: "credential_process = aws configure export-credentials --profile \(name) --format process, "
                    + "in a profile of its own"
            )
        }
        if let provider = try process(profile) { return .init(.process, provider) }
        if let keys = try configuration.configProfiles[ExactText(name)].flatMap({ try ProfileKeys($0) }) {
            return .init(.configFile, keys)
        }
        return nil
    }

    /// STS in the region of the settings; where none is set, in the first region of the role's partition.
    func sts(_ credentials: (any CredentialProvider)?, role: String) throws -> STSClient {
        let partition = try partition(of: role)
        let region = try settings.region() ?? partition.globalRegion
        return try STSClient(
            region: region,
            credentials: credentials,
            endpoints: settings.endpoints(),
            clientContext: clientContext
        )
    }

    /// The role's partition; text that isn't an ARN is left to STS's own check, which names it.
    private func partition(of role: String) throws(CredentialError) -> Partition {
        do {
            return try ARN(role)?.partition ?? .aws
        } catch {
            throw .malformed(source: "role_arn", detail: "\(error)")
        }
    }

    private func webIdentity(_ profile: Profile, usesVariables: Bool) throws -> WebIdentityCredentials? {
        // A variable that is set but empty hides the profile's setting, as in botocore.
        func value(_ variable: String, _ setting: ExactText) throws(CredentialError) -> String? {
            if usesVariables, let value = settings.environment[variable] { return value.isEmpty ? nil : value }
            return try profile.text(setting).flatMap { $0.isEmpty ? nil : $0 }
        }
        guard let file = try value("AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file") else { return nil }
        guard let path = settings.path(file) else {
            throw CredentialError.malformed(
                source: "web identity",
                detail: "AWS_WEB_IDENTITY_TOKEN_FILE is not a path: \(CredentialCharacters.shown(file))"
            )
        }
        guard let roleARN = try value("AWS_ROLE_ARN", "role_arn") else {
            throw CredentialError.incomplete(source: "web identity", missing: "AWS_ROLE_ARN or role_arn")
        }
        return WebIdentityCredentials(
            tokenFile: path,
            roleARN: roleARN,
            sessionName: try value("AWS_ROLE_SESSION_NAME", "role_session_name"),
            sts: try sts(nil, role: roleARN)
        )
    }

    private func sso(_ profile: Profile) throws -> SSOCredentials? {
        guard let session = try SSOProfile(profile, sessions: settings.configuration.ssoSessions) else { return nil }
        guard let folder = settings.path("~/.aws/sso/cache") else {
            throw CredentialError.incomplete(source: "sso session of profile \(profile.name)", missing: "HOME")
        }
        let endpoints = settings.endpoints()
        return SSOCredentials(
            session: session,
            cache: SSOTokenCache(folder: folder),
            portal: try SSOClient(region: session.region, endpoints: endpoints, clientContext: clientContext),
            oidc: try SSOOIDCClient(region: session.region, endpoints: endpoints, clientContext: clientContext),
            clientContext: clientContext
        )
    }

    private func process(_ profile: Profile) throws(CredentialError) -> ProcessCredentials? {
        guard let command = try profile.text("credential_process") else { return nil }
        let words: [String]
        do {
            words = try ShellWords.split(command)
        } catch {
            throw .malformed(source: "credential_process of profile \(profile.name)", detail: "an open quote")
        }
        return ProcessCredentials(
            profile: profile.name,
            words: words,
            environment: settings.environment,
            accountID: try profile.text("aws_account_id"),
            now: clientContext.now
        )
    }
}

/// `aws_access_key_id`, `aws_secret_access_key` and `aws_session_token` of a profile.
///
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-static-credentials.html
struct ProfileKeys: CredentialProvider {
    private let held: AWSCredentials

    /// nil when the profile has no access key id.
    ///
    /// - Throws: ``CredentialError/incomplete(source:missing:)`` when half a pair is there.
    init?(_ profile: Profile) throws(CredentialError) {
        guard profile.has("aws_access_key_id") else { return nil }
        var token = try profile.text("aws_security_token")
        if token == nil { token = try profile.text("aws_session_token") }
        held = AWSCredentials(
            accessKeyID: try Self.plain(profile, "aws_access_key_id"),
            secretAccessKey: Secret(try Self.plain(profile, "aws_secret_access_key")),
            sessionToken: token.map { Secret($0) },
            accountID: try profile.text("aws_account_id")
        )
        if let token, !token.isEmpty, !CredentialCharacters.isPlain(token) {
            throw Self.malformed(profile, "the token")
        }
    }

    /// A comment after the value becomes a part of it; AWS would only say that it doesn't know the key.
    private static func plain(_ profile: Profile, _ setting: ExactText) throws(CredentialError) -> String {
        let text = try profile.required(setting)
        guard CredentialCharacters.isPlain(text) else { throw malformed(profile, setting) }
        return text
    }

    private static func malformed(_ profile: Profile, _ setting: ExactText) -> CredentialError {
        .malformed(source: "profile \(profile.name)", detail: "\(setting) has blanks or line breaks in it")
    }

    func credentials() -> AWSCredentials { held }
}
