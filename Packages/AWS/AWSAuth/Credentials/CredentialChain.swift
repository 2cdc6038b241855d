import BursarFoundation
import BursarModel

/// Finds credentials in the places that AWS's tools search, in botocore's order.
///
/// Environment, role of the profile, web identity, SSO, credentials file, `credential_process`, config file, container,
/// instance. The first that is configured is used; if it fails, that is the error, and no other identity is tried.
/// https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
///
/// Each call searches again; wrap the chain in ``RefreshingCredentials`` for use.
public struct CredentialChain: CredentialProvider {
    private let environment: [String: String]
    private let profile: String?
    private let assumesRole: Bool
    private let clientContext: AWSClientContext

    /// A source that is configured.
    public struct Found: Sendable {
        public let method: CredentialMethod
        public let provider: any CredentialProvider
        /// The credentials of a source whose presence only a request shows.
        let initial: AWSCredentials?

        init(_ method: CredentialMethod, _ provider: any CredentialProvider, initial: AWSCredentials? = nil) {
            self.method = method
            self.provider = provider
            self.initial = initial
        }
    }

    /// A chain over an environment.
    ///
    /// - Parameters:
    ///   - environment: variables by name; an empty value counts as unset.
    ///   - profile: as chosen in code; it beats keys in the environment, which `AWS_PROFILE` doesn't.
    ///   - assumesRole: whether the role `AWS_ROLE_ARN` is assumed over what is found, with `AWS_EXTERNAL_ID` and
    ///     `AWS_ROLE_SESSION_NAME`; nil leaves it to `BURSAR_ASSUME_ROLE` (`1`, `yes` or `true`). Never over a web
    ///     identity, whose role that variable names already. botocore has nothing like it.
    ///   - clientContext: transport and clock.
    public init(
        environment: [String: String],
        profile: String? = nil,
        assumesRole: Bool? = nil,
        clientContext: AWSClientContext
    ) {
        self.environment = environment
        self.profile = profile
        let asked = ["1", "yes", "true"].contains((environment["BURSAR_ASSUME_ROLE"] ?? "").lowercased())
        self.assumesRole = assumesRole ?? asked
        self.clientContext = clientContext
    }

    /// Returns the credentials of the source that ``find()`` returns.
    ///
    /// - Throws: what ``find()`` and the source throw.
    public func credentials() async throws -> AWSCredentials {
        let found = try await find()
        let credentials = if let initial = found.initial { initial } else { try await found.provider.credentials() }
        if let end = credentials.expiration, end <= clientContext.now() {
            throw CredentialError.ended(source: found.method.rawValue)
        }
        return credentials
    }

    /// Returns the first configured source; only the last, the instance's role, takes a request.
    ///
    /// - Throws: ``CredentialError``: for a source that is misconfigured, or if there is none; ``EndpointError``
    ///   for an endpoint that can't be used.
    public func find() async throws -> Found {
        let settings = try ResolvedProfile(environment: environment, profile: profile)
        let sources = ProfileSources(settings: settings, clientContext: clientContext)
        let found = try await base(settings, sources)
        guard assumesRole, found.method != .webIdentity else { return found }
        guard let roleARN = settings.variable("AWS_ROLE_ARN") else {
            throw CredentialError.incomplete(source: "BURSAR_ASSUME_ROLE", missing: "AWS_ROLE_ARN")
        }
        let request = AssumeRoleRequest(
            roleARN: roleARN,
            sessionName: settings.variable("AWS_ROLE_SESSION_NAME") ?? "",
            externalID: settings.variable("AWS_EXTERNAL_ID")
        )
        let source = RefreshingCredentials(found.provider, clientContext: clientContext)
        return Found(.assumeRole, AssumeRoleCredentials(request, sts: try sources.sts(source, role: roleARN)))
    }

    private func base(_ settings: ResolvedProfile, _ sources: ProfileSources) async throws -> Found {
        if !settings.profileIsExplicit, let provider = try EnvironmentCredentials(environment: environment) {
            return Found(.environment, provider)
        }
        if settings.profile.hasRole {
            return Found(.assumeRole, try await sources.role(settings.profile))
        }
        let usesVariables = !settings.profileIsExplicit
        if let found = try sources.ofProfile(settings.profileName, usesVariables: usesVariables) { return found }
        for variable in ["AWS_CREDENTIAL_FILE", "BOTO_CONFIG"] where settings.variable(variable) != nil {
            throw CredentialError.unsupported(source: variable, hint: "move its keys to ~/.aws/credentials")
        }
        if let provider = try ContainerCredentials(settings, clientContext: clientContext) {
            return Found(.container, provider)
        }
        guard let instance = try InstanceCredentials(settings, clientContext: clientContext),
            let initial = try await instance.credentialsIfPresent()
        else { throw CredentialError.notFound }
        return Found(.instance, instance, initial: initial)
    }
}

/// The kind of a source; the raw values are botocore's names.
public enum CredentialMethod: String, Sendable, CaseIterable {
    case environment = "env"
    case assumeRole = "assume-role"
    case webIdentity = "assume-role-with-web-identity"
    case sso = "sso"
    case sharedCredentialsFile = "shared-credentials-file"
    case process = "custom-process"
    case configFile = "config-file"
    case container = "container-role"
    case instance = "iam-role"
}

/// The reason why a source gave no credentials.
///
/// No case holds a secret.
public enum CredentialError: Error, Sendable, Equatable {
    /// No source is configured at all.
    case notFound
    /// This profile was chosen or referred to, and no file has it.
    case profileMissing(String)
    /// A source is named, and `missing` isn't there.
    case incomplete(source: String, missing: String)
    /// A source is named, and what it holds can't be read; `detail` says where.
    case malformed(source: String, detail: String)
    /// Profiles whose `source_profile`s lead back to where they began, in order.
    case loop([String])
    /// A source that this library doesn't use; `hint` says what to do instead.
    case unsupported(source: String, hint: String)
    /// A source is named, and it failed; `detail` says how.
    case failed(source: String, detail: String)
    /// An SSO session doesn't exist or has ended; `aws sso login` signs in again. `detail` says which.
    case signedOut(source: String, detail: String)
    /// The credentials of the source have already expired.
    case ended(source: String)
}
