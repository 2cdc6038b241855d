import AWSAuth
import AWSClients
import BursarConsole
import BursarFoundation
import BursarHTTP
import BursarModel
import Logging
import ServerSettings
import Synchronization
import Vending

/// Credentials of the configured role, by one STS AssumeRole each, whose session is named for the researcher and the key.
struct STSIssuer: CredentialIssuer {
    private let client: STSClient
    private let role: Settings.STSRole
    private let limits: SessionLimits
    private let now: @Sendable () -> Date

    /// The server's own credentials come from AWS's default chain; the source is settled at the start.
    ///
    /// - Throws: the missing or malformed setting, by name.
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
        let name = SessionName(
            of: request.researcher,
            key: request.key,
            role.sessionName,
            hasNamesake: request.hasNamesake
        )
        return AssumeRoleRequest(
            roleARN: roleARN,
            sessionName: name.description,
            duration: .seconds(duration.seconds),
            externalID: role.externalID,
            policy: document,
            tags: role.tagsSessions ? Self.tags(request) : [],
            sourceIdentity: role.setsSourceIdentity ? request.researcher.description : nil
        )
    }

    /// The session tags: costs are grouped, and a key's sessions revoked, by them.
    private static func tags(_ request: IssueRequest) -> [AssumeRoleRequest.Tag] {
        [
            AssumeRoleRequest.Tag(key: "researcher", value: request.researcher.description),
            AssumeRoleRequest.Tag(key: "project", value: SessionTagRules.clean(request.project)),
            AssumeRoleRequest.Tag(key: "key", value: request.key.description),
        ]
    }

    /// Finds settings that STS would refuse each time, before a client asks for credentials.
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

/// The maximum session length of each role, as learned from STS's refusals.
///
/// A server that is itself a role (every EC2 instance and container) gets an hour at most when it assumes another, and
/// a role has a maximum of its own; both show only when a longer session is requested. After an hour the longer one is
/// requested again: a role's maximum can be raised.
private final class SessionLimits: Sendable {
    private static let period: TimeInterval = 3600
    /// The time when STS last refused a longer session, by role.
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
    /// Maps an error of a call to STS.
    fileprivate init(_ error: any Error) {
        if let error = error as? AWSError {
            self.init(error)
        } else {
            self = .unavailable(cause: "\(error)")
        }
    }

    /// Maps AWS's error.
    ///
    /// AWS's definite refusal of this request is final; every other error may be temporary.
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
        case .refused, .malformedResponse:
            self = .unavailable(cause: "STS: \(error)")
        }
    }
}

extension AWSError {
    /// True if STS refused the session's length.
    fileprivate var isTooLong: Bool {
        guard case .refused(let refusal) = self else { return false }
        return refusal.code == "ValidationError" && refusal.message?.contains("DurationSeconds") == true
    }
}

extension AWSServiceError {
    /// True if the error is AWS's own and concerns this request: not a proxy's page, and not the expiry of the server's
    /// own credentials.
    fileprivate var isClear: Bool {
        code != "Unknown" && (400..<500).contains(status) && status != 407 && !isExpiredCredentials
    }
}

/// Converts text to a valid value of a session tag.
///
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
enum SessionTagRules {
    private static let longest = 256

    /// Keeps letters, digits, spaces and `_.:/=+-@` of any script; other characters become `_`.
    static func clean(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.prefix(longest).map { isAllowed($0) ? $0 : "_" }))
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .letterNumber, .otherNumber, .spaceSeparator:
            true
        default: "_.:/=+-@".unicodeScalars.contains(scalar)
        }
    }
}
