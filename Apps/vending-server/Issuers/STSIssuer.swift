import AWSAuth
import BursarConsole
import BursarFoundation
import BursarHTTP
import BursarModel
import Logging
import ServerSettings
import Synchronization
import Vending

/// Credentials of the configured role, one STS AssumeRole each, the researcher's handle as the session's name.
struct STSIssuer: CredentialIssuer {
    private let client: STSClient
    private let role: Settings.STSRole
    private let limits: SessionLimits
    private let now: @Sendable () -> Date

    /// The server's own credentials come from where every AWS tool looks; which that is, is settled at start.
    ///
    /// - Throws: what is missing or malformed, with the setting's name.
    init(
        role: Settings.STSRole,
        environment: [String: String],
        transport: HTTPTransport,
        logger: Logger,
        now: @escaping @Sendable () -> Date
    ) async throws {
        self.role = role
        self.now = now
        limits = SessionLimits(logger: logger)
        try Self.check(role)
        let clientContext = AWSClientContext(transport: transport, now: now)
        let chain = CredentialChain(
            environment: environment,
            assumesRole: role.assumesOwnRole,
            clientContext: clientContext
        )
        do {
            _ = try await chain.find()
            client = try STSClient(
                region: role.region,
                credentials: RefreshingCredentials(chain, clientContext: clientContext),
                endpoints: EndpointResolver(environment: environment),
                clientContext: clientContext,
                retries: SessionRequest.retries,
                limits: SessionRequest.limits
            )
        } catch let error as EndpointError {
            throw UserFacingError(error, region: role.region)
        } catch let error as CredentialError {
            throw UserFacingError(error)
        }
    }

    func issue(_ request: IssueRequest) async throws(IssuerError) -> SessionCredentials {
        let longest = limits.longest(of: role.arn(for: request.project), at: now())
        var assume = try self.request(request, duration: min(request.duration, longest))
        do {
            return try await client.assumeRole(assume).credentials
        } catch let error as AWSError where error.isTooLong && request.duration > .oneHour && longest > .oneHour {
            limits.shorten(of: assume.roleARN, at: now())
        } catch {
            throw IssuerError(error)
        }
        assume.duration = .seconds(SessionDuration.oneHour.seconds)
        do {
            return try await client.assumeRole(assume).credentials
        } catch {
            throw IssuerError(error)
        }
    }

    private func request(
        _ request: IssueRequest,
        duration: SessionDuration
    ) throws(IssuerError) -> AssumeRoleRequest {
        let roleARN = role.arn(for: request.project)
        let policy = role.sessionPolicy(
            models: request.models,
            allowed: request.allowed,
            end: request.notAfter
        )
        let document: String?
        do {
            document = policy.isEmpty ? nil : try policy.document(role.partition)
        } catch {
            throw .refused(cause: "the session policy can't be written")
        }
        return AssumeRoleRequest(
            roleARN: roleARN,
            sessionName: request.researcher.description,
            duration: .seconds(duration.seconds),
            externalID: role.externalID,
            policy: document,
            tags: role.tagsSessions ? Self.tags(request) : [],
            sourceIdentity: role.setsSourceIdentity ? request.researcher.description : nil
        )
    }

    /// What costs are grouped by, and what a key's sessions are cut off by.
    private static func tags(_ request: IssueRequest) -> [AssumeRoleRequest.Tag] {
        [
            AssumeRoleRequest.Tag(key: "researcher", value: request.researcher.description),
            AssumeRoleRequest.Tag(key: "project", value: SessionTagRules.clean(request.project)),
            AssumeRoleRequest.Tag(key: "key", value: request.key.description),
        ]
    }

    /// Finds settings that STS would refuse each time, before anybody waits for credentials.
    private static func check(_ role: Settings.STSRole) throws(UserFacingError) {
        for (arn, setting) in [(role.arn, Setting.roleARN)] + role.projects.values.map({ ($0, .roleProjects) }) {
            let request = AssumeRoleRequest(roleARN: arn, sessionName: "check", externalID: role.externalID)
            do {
                try request.check()
            } catch .invalidParameter(_, let field) {
                let setting: Setting = field == "ExternalId" ? .externalID : setting
                throw UserFacingError("\(setting.environmentName) is not what STS takes as \(field)")
            } catch {
                throw UserFacingError("the role's settings are not what STS takes")
            }
        }
    }
}

/// How long the sessions of each role can be, as STS has told.
///
/// A server that is itself a role (every EC2 instance and container) gets an hour at most when it assumes another, and
/// a role has a maximum of its own; both show only when a longer session is asked for. After an hour it is asked for
/// again: a role's maximum can be raised.
private final class SessionLimits: Sendable {
    private static let period: TimeInterval = 3600
    /// When STS last found a longer session of a role too long.
    private let refused = Mutex<[String: Date]>([:])
    private let logger: Logger

    init(logger: Logger) {
        self.logger = logger
    }

    func longest(of roleARN: String, at date: Date) -> SessionDuration {
        guard let last = refused.withLock({ $0[roleARN] }), date.timeIntervalSince(last) < Self.period else {
            return .longest
        }
        return .oneHour
    }

    func shorten(of roleARN: String, at date: Date) {
        refused.withLock { $0[roleARN] = date }
        logger.warning(
            "STS gives sessions of an hour at most: role chaining, or the role's maximum; keys that ask for more get that",
            metadata: ["role": "\(roleARN)"]
        )
    }
}

extension IssuerError {
    /// What a call to STS threw.
    fileprivate init(_ error: any Error) {
        if let error = error as? AWSError {
            self.init(error)
        } else {
            self = .unavailable(cause: "\(error)")
        }
    }

    /// A clear no is AWS's refusal of this request, in AWS's own form; everything else may pass.
    fileprivate init(_ error: AWSError) {
        switch error {
        case .refused(let refusal) where refusal.isClear && !error.isRetryable:
            self = .refused(
                cause: "STS: \(refusal.code), request \(refusal.requestID ?? "-"): \(refusal.message ?? "")"
            )
        case .invalidParameter(_, let field):
            self = .refused(cause: "STS would refuse \(field)")
        case .transport(_, let fault):
            self = .unavailable(cause: NetworkError(fault, service: "STS").message)
        case .refused, .malformedAnswer:
            self = .unavailable(cause: "STS: \(error)")
        }
    }
}

extension AWSError {
    /// Whether STS refused the session's length.
    fileprivate var isTooLong: Bool {
        guard case .refused(let refusal) = self else { return false }
        return refusal.code == "ValidationError" && refusal.message?.contains("DurationSeconds") == true
    }
}

extension AWSServiceError {
    /// Whether AWS itself spoke, and about this request: not a proxy's page, and not our own credentials' end.
    fileprivate var isClear: Bool {
        code != "Unknown" && (400..<500).contains(status) && status != 407 && !isExpiredCredentials
    }
}
