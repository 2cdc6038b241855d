import BursarCore

/// Finds what a profile's settings lead to.
struct ProfileSources {
    let settings: Settings
    let surroundings: Surroundings

    /// Web identity, SSO, credentials file, login, process, config file: the first that `name` has; nil for none.
    func ofProfile(_ name: String, usesVariables: Bool) throws -> CredentialChain.Found? {
        let configuration = settings.configuration
        let profile = configuration.profiles[name] ?? Profile(name: name)
        if let provider = try webIdentity(profile, usesVariables: usesVariables) {
            return .init(.webIdentity, provider)
        }
        if let provider = try sso(profile) { return .init(.sso, provider) }
        if let keys = try configuration.credentialProfiles[name].flatMap({ try ProfileKeys($0) }) {
            return .init(.sharedCredentialsFile, keys)
        }
        if profile.has("login_session") {
            throw CredentialError.unsupported(
                source: "login_session of profile \(name)",
                hint: "use `aws sso login`, or credential_process = aws configure export-credentials"
            )
        }
        if let provider = try process(profile) { return .init(.process, provider) }
        if let keys = try configuration.configProfiles[name].flatMap({ try ProfileKeys($0) }) {
            return .init(.configFile, keys)
        }
        return nil
    }

    /// The role of a profile over its source, which may be a role of another profile, and so on.
    func role(_ profile: Profile, visited: [String]? = nil) async throws -> AssumeRoleCredentials {
        let visited = visited ?? [profile.name]
        let request = try roleRequest(profile)
        let sourceProfile = try profile.text("source_profile")
        let source: any CredentialProvider
        switch (sourceProfile, try profile.text("credential_source")) {
        case (_?, _?):
            throw CredentialError.malformed(
                source: "profile \(profile.name)",
                detail: "has both source_profile and credential_source"
            )
        case (nil, nil):
            throw CredentialError.incomplete(
                source: "profile \(profile.name)",
                missing: "source_profile or credential_source"
            )
        case (nil, let named?): source = try await self.named(named, by: profile.name)
        case (let name?, nil): source = try await self.source(name, of: profile.name, visited: visited)
        }
        let held = RefreshingCredentials(source, surroundings: surroundings)
        return AssumeRoleCredentials(request, sts: try sts(held, role: request.roleARN))
    }

    /// STS in the region of the settings; where none is set, in the first region of the role's partition.
    func sts(_ credentials: (any CredentialProvider)?, role: String) throws -> STSClient {
        let region = try settings.region() ?? (ARN.partition(of: role) ?? .aws).globalRegion
        return try STSClient(
            region: region,
            credentials: credentials,
            endpoints: settings.endpoints(),
            surroundings: surroundings
        )
    }

    private func roleRequest(_ profile: Profile) throws(CredentialError) -> AssumeRoleRequest {
        let source = "profile \(profile.name)"
        guard !profile.has("mfa_serial") else {
            throw .unsupported(
                source: "mfa_serial of \(source)",
                hint: "nobody can be asked for a code here; put the output of `aws sts get-session-token` in a profile"
            )
        }
        var duration: Duration?
        if let text = try profile.text("duration_seconds") {
            guard let seconds = Int64(text) else {
                throw .malformed(source: source, detail: "duration_seconds is not a number")
            }
            duration = .seconds(seconds)
        }
        return AssumeRoleRequest(
            roleARN: try profile.required("role_arn"),
            sessionName: try profile.text("role_session_name") ?? "",
            duration: duration,
            externalID: try profile.text("external_id")
        )
    }

    private func source(_ name: String, of parent: String, visited: [String]) async throws -> any CredentialProvider {
        guard let profile = settings.configuration.profiles[name] else { throw CredentialError.profileMissing(name) }
        // A profile may be its own source when it has keys; any other way back is a loop.
        if visited.contains(name), name != parent || !profile.hasStaticKeys {
            throw CredentialError.loop(visited + [name])
        }
        if profile.hasRole, !profile.hasStaticKeys {
            return try await role(profile, visited: visited + [name])
        }
        guard let found = try ofProfile(name, usesVariables: false) else {
            throw CredentialError.incomplete(source: "profile \(name)", missing: "credentials")
        }
        return found.provider
    }

    private func named(_ source: String, by profile: String) async throws -> any CredentialProvider {
        let missing = CredentialError.incomplete(source: "profile \(profile)", missing: "credentials in \(source)")
        switch source {
        case "Environment":
            guard let provider = try EnvironmentCredentials(environment: settings.environment) else { throw missing }
            return provider
        case "EcsContainer":
            guard let provider = try ContainerCredentials(settings, surroundings: surroundings) else { throw missing }
            return provider
        case "Ec2InstanceMetadata":
            guard let provider = try InstanceCredentials(settings, surroundings: surroundings) else { throw missing }
            return provider
        default:
            throw CredentialError.malformed(
                source: "profile \(profile)",
                detail: "credential_source is none of Environment, EcsContainer, Ec2InstanceMetadata"
            )
        }
    }

    private func webIdentity(_ profile: Profile, usesVariables: Bool) throws -> WebIdentityCredentials? {
        // A variable that is set but empty hides the profile's setting, as in botocore.
        func value(_ variable: String, _ setting: String) throws(CredentialError) -> String? {
            if usesVariables, let value = settings.environment[variable] { return value.isEmpty ? nil : value }
            return try profile.text(setting).flatMap { $0.isEmpty ? nil : $0 }
        }
        guard let file = try value("AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file") else { return nil }
        guard let path = settings.path(file) else {
            throw CredentialError.malformed(source: "web identity", detail: "no path to the token")
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
            portal: try SSOClient(region: session.region, endpoints: endpoints, surroundings: surroundings),
            oidc: try SSOOIDCClient(region: session.region, endpoints: endpoints, surroundings: surroundings),
            surroundings: surroundings
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
            now: surroundings.now
        )
    }
}
