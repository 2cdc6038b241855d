import AWSAuth
import ArgumentParser
import BursarConsole
import BursarModel

/// Whose credentials a command takes, and in which region: the same options for `token` and `env`.
struct SourceOptions: ParsableArguments {
    enum Source: String, CaseIterable, ExpressibleByArgument {
        /// The Bursar server's.
        case vended
        /// Those that AWS's own tools would find here.
        case chain
    }

    @OptionGroup var profile: ProfileOption
    @Option(help: "Whose credentials: the Bursar server's, or those that AWS's own tools would find here.")
    var from: Source?
    @Option(help: ArgumentHelp("A profile of your own, with --from chain.", valueName: "profile"))
    var awsProfile: String?
    @Option(help: "The region; else AWS_REGION, AWS_DEFAULT_REGION or the profile's.", transform: AWSRegion.parse)
    var region: AWSRegion?

    func validate() throws {
        guard awsProfile == nil || from != .vended else {
            throw ValidationError("--aws-profile goes with --from chain; the vended credentials are those of --profile")
        }
    }

    /// Has the person sign in first where an SSO session is over and somebody is there.
    func credentials(_ context: CredsContext) async throws(UserFacingError) -> AWSCredentials {
        guard usesChain else { return try await vended(context) }
        let chain = CredentialChain(
            environment: context.environment,
            profile: awsProfile,
            clientContext: AWSClientContext(transport: context.transport, now: context.now)
        )
        do {
            return try await chain.credentials()
        } catch {
            guard CredentialChainMessages.isSignedOut(error), SSOLogin.isPossible else {
                throw CredentialChainMessages.problem(error, profile: awsProfile, context.environment)
            }
        }
        context.terminal.note("your sign-in is over; running aws sso login")
        try await SSOLogin(profile: awsProfile).run()
        do {
            return try await chain.credentials()
        } catch {
            throw CredentialChainMessages.problem(error, profile: awsProfile, context.environment)
        }
    }

    /// nil when nothing says.
    func region(_ context: CredsContext) throws(UserFacingError) -> AWSRegion? {
        if let region { return region }
        guard let text = usesChain ? try ownRegion(context) : try vendedRegion(context) else { return nil }
        return try AWSRegion.reading(text, context.environment, hint: "give one: --region us-east-1")
    }

    /// The profile of ~/.aws/config whose settings count; nil leaves it to `AWS_PROFILE` and `default`.
    var configProfile: String? { usesChain ? awsProfile : profile.name.description }

    /// The installed profile that is used; nil for credentials of one's own.
    var vendedProfile: ProfileName? { usesChain ? nil : profile.name }

    private var usesChain: Bool { from == .chain || awsProfile != nil }

    private func vended(_ context: CredsContext) async throws(UserFacingError) -> AWSCredentials {
        let session = try await VendedSession(profile.name, context).session()
        guard let credentials = session.credentials else { throw CredsErrorMessages(profile: profile.name).unknown }
        return AWSCredentials(credentials)
    }

    private func ownRegion(_ context: CredsContext) throws(UserFacingError) -> String? {
        do {
            return try RegionSetting.find(environment: context.environment, profile: awsProfile)
        } catch {
            throw CredentialChainMessages.problem(error, profile: awsProfile, context.environment)
        }
    }

    private func vendedRegion(_ context: CredsContext) throws(UserFacingError) -> String? {
        try VendedSession(profile.name, context).region
    }
}
