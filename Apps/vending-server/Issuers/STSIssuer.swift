import AWSAuth
import BursarCore
import Console
import Transport
import Vending

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Credentials of the configured role, one STS AssumeRole each, the researcher's handle as the session's name.
struct STSIssuer: CredentialIssuer {
    private let client: STSClient
    private let role: Settings.STSRole

    /// The server's own credentials come from where every AWS tool looks; which that is, is settled at start.
    ///
    /// - Throws: what is missing or malformed, with the setting's name.
    init(
        role: Settings.STSRole,
        environment: [String: String],
        transport: HTTPTransport,
        now: @escaping @Sendable () -> Date
    ) async throws {
        self.role = role
        try Self.check(role)
        let surroundings = Surroundings(transport: transport, now: now)
        let chain = CredentialChain(
            environment: environment,
            assumesRole: role.assumesOwnRole,
            surroundings: surroundings
        )
        do {
            _ = try await chain.find()
            client = try STSClient(
                region: role.region,
                credentials: RefreshingCredentials(chain, surroundings: surroundings),
                endpoints: EndpointResolver(environment: environment),
                surroundings: surroundings,
                retries: RetryRules(attempts: 2, longestPause: .milliseconds(300), deadline: .seconds(1)),
                limits: Self.limits
            )
        } catch let error as EndpointError {
            throw Problem(error, region: role.region)
        } catch let error as CredentialError {
            throw Problem(error)
        }
    }

    /// Helpers in the field give up after 5 s, so that they hear why there are no credentials.
    private static let limits = TransferLimits(connect: .seconds(2), total: .seconds(3), stall: .seconds(3))

    func issue(_ request: IssueRequest) async throws(IssueFailure) -> SessionCredentials {
        let assume = AssumeRoleRequest(
            roleARN: role.arn,
            sessionName: request.researcher.description,
            duration: .seconds(request.duration.seconds),
            externalID: role.externalID,
            policy: request.notAfter.map(Self.policy)
        )
        do {
            return try await client.assumeRole(assume).credentials
        } catch let error as AWSError {
            throw IssueFailure(error)
        } catch {
            throw .unavailable(cause: "\(error)")
        }
    }

    /// Everything the role may do, until `end`: for keys whose end comes before AWS's shortest session does.
    private static func policy(until end: Date) -> String {
        #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","#
            + #""Condition":{"DateLessThan":{"aws:CurrentTime":"\#(Timestamp.string(end))"}}}]}"#
    }

    /// Finds settings that STS would refuse each time, before anybody waits for credentials.
    private static func check(_ role: Settings.STSRole) throws(Problem) {
        let request = AssumeRoleRequest(roleARN: role.arn, sessionName: "check", externalID: role.externalID)
        do {
            try request.check()
        } catch .invalidParameter(_, let field) {
            let setting: Setting = field == "ExternalId" ? .externalID : .roleARN
            throw Problem("\(setting.environmentName) is not what STS takes as \(field)")
        } catch {
            throw Problem("the role's settings are not what STS takes")
        }
    }
}

extension IssueFailure {
    /// A clear no is AWS's refusal of this request, in AWS's own form; everything else may pass.
    fileprivate init(_ error: AWSError) {
        switch error {
        case .refused(let refusal) where refusal.isClear && !error.isRetryable:
            self = .refused(
                cause: "STS: \(refusal.code), request \(refusal.requestID ?? "-"): \(refusal.message ?? "")"
            )
        case .invalidParameter(_, let field):
            self = .refused(cause: "STS would refuse \(field)")
        case .refused, .malformedAnswer, .transport:
            self = .unavailable(cause: "STS: \(error)")
        }
    }
}

extension ServiceRefusal {
    /// Whether AWS itself spoke, and about this request: not a proxy's page, and not our own credentials' end.
    fileprivate var isClear: Bool {
        code != "Unknown" && (400..<500).contains(status) && status != 407 && !isExpiredCredentials
    }
}
