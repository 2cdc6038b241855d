import AWSAuth
import ArgumentParser
import BursarConsole
import BursarModel
import Subprocess

/// Options that choose the source of credentials and the region, the same for `token` and `env`.
struct SourceOptions: ParsableArguments {
    enum Source: String, CaseIterable, ExpressibleByArgument {
        /// The Bursar server's credentials.
        case vended
        /// The credentials that AWS's own tools would find on this machine.
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

    /// Returns credentials, running `aws sso login` first if the SSO session has ended and the user is at a terminal.
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

    /// The region, or nil when none is set.
    func region(_ context: CredsContext) throws(UserFacingError) -> AWSRegion? {
        if let region { return region }
        guard let text = usesChain ? try ownRegion(context) : try vendedRegion(context) else { return nil }
        return try AWSRegion.reading(text, context.environment, hint: "give one: --region us-east-1")
    }

    /// The profile of ~/.aws/config whose settings apply; nil leaves it to `AWS_PROFILE` and `default`.
    var configProfile: String? { usesChain ? awsProfile : profile.name.description }

    /// The installed profile in use; nil with the user's own credentials.
    var vendedProfile: ProfileName? { usesChain ? nil : profile.name }

    private var usesChain: Bool { from == .chain || awsProfile != nil }

    private func vended(_ context: CredsContext) async throws(UserFacingError) -> AWSCredentials {
        let session = try await ProfileSession(profile.name, context).session()
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
        try ProfileSession(profile.name, context).region
    }
}

/// Signs the user in again by running `aws sso login` on the terminal.
struct SSOLogin {
    let profile: String?

    /// True if standard input and standard error are a terminal; standard output may be read by a shell.
    static var isPossible: Bool {
        StandardStream.input.isTerminal && StandardStream.errors.isTerminal
    }

    /// Runs the command with its output sent to standard error: a shell would evaluate anything on standard output.
    func run() async throws(UserFacingError) {
        let arguments = ["sso", "login"] + (profile.map { ["--profile", $0] } ?? [])
        let isSignedIn: Bool
        do {
            let result = try await Subprocess.run(
                .name("aws"),
                arguments: Arguments(arguments),
                input: .currentStandardInput,
                output: .currentStandardError,
                error: .currentStandardError
            )
            isSignedIn = result.terminationStatus == .exited(0)
        } catch {
            throw UserFacingError("aws sso login could not be run", hint: "install the AWS CLI, version 2")
        }
        guard isSignedIn else { throw UserFacingError("aws sso login failed", hint: "run it by itself to see why") }
    }
}
