import INIParser

extension ProfileSources {
    /// Roles that may be assumed one over the other.
    static let longestChain = 32

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
        let held = RefreshingCredentials(source, clientContext: clientContext)
        return AssumeRoleCredentials(request, sts: try sts(held, role: request.roleARN))
    }

    private func roleRequest(_ profile: Profile) throws(CredentialError) -> AssumeRoleRequest {
        let source = "profile \(profile.name)"
        guard !profile.has("mfa_serial") else {
            throw .unsupported(
                source: "mfa_serial of \(source)",
                hint: "this program can't ask for a code; put the output of `aws sts get-session-token` in a profile"
            )
        }
        var duration: Duration?
        if let text = try profile.text("duration_seconds") {
            guard let seconds = Int64(text) else {
                throw .malformed(
                    source: source,
                    detail: "duration_seconds is not a number: \(CredentialCharacters.shown(text))"
                )
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
        guard let profile = settings.configuration.profiles[ExactText(name)] else {
            throw CredentialError.profileMissing(name)
        }
        // A profile may be its own source when it has keys; any other way back is a loop.
        if visited.contains(name), name != parent || !profile.hasStaticKeys {
            throw CredentialError.loop(visited + [name])
        }
        if profile.hasRole, !profile.hasStaticKeys {
            guard visited.count < Self.longestChain else {
                throw CredentialError.malformed(
                    source: "profile \(name)",
                    detail: "stands at the end of \(Self.longestChain) source_profiles"
                )
            }
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
            guard let provider = try ContainerCredentials(settings, clientContext: clientContext) else { throw missing }
            return provider
        case "Ec2InstanceMetadata":
            guard let provider = try InstanceCredentials(settings, clientContext: clientContext) else { throw missing }
            return provider
        default:
            let names = ["Environment", "EcsContainer", "Ec2InstanceMetadata"]
            // Each of them begins in its own way.
            let near = names.first { $0.prefix(3).lowercased() == source.prefix(3).lowercased() }
            let advice = near.map { "did you mean \($0)?" } ?? "it is none of \(names.joined(separator: ", "))"
            throw CredentialError.malformed(
                source: "profile \(profile)",
                detail: "credential_source is \(CredentialCharacters.shown(source)); \(advice)"
            )
        }
    }
}
