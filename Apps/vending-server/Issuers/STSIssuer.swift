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

    /// - Throws: what is missing or malformed in the environment, with the variable's name.
    init(
        role: Settings.STSRole,
        environment: [String: String],
        transport: HTTPTransport,
        now: @escaping @Sendable () -> Date
    ) throws(Problem) {
        self.role = role
        try Self.check(role)
        let credentials = try Self.baseCredentials(environment)
        do throws(EndpointError) {
            client = try STSClient(
                region: role.region,
                credentials: credentials,
                endpoints: EndpointResolver(environment: environment),
                surroundings: Surroundings(transport: transport, now: now),
                retries: RetryRules(attempts: 2, longestPause: .milliseconds(300), deadline: .seconds(1)),
                limits: Self.limits
            )
        } catch {
            throw Problem(error, region: role.region)
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

    private static func baseCredentials(_ environment: [String: String]) throws(Problem) -> any CredentialProvider {
        let found: EnvironmentCredentials?
        do {
            found = try EnvironmentCredentials(environment: environment)
        } catch .incomplete(_, let missing) {
            throw Problem("\(missing) is not set, although AWS_ACCESS_KEY_ID is")
        } catch {
            throw Problem("the AWS credentials in the environment can't be read")
        }
        guard let found else {
            throw Problem(
                "there are no AWS credentials to call STS with",
                hint: "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run `vending-server dev`"
            )
        }
        return found
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

extension Problem {
    fileprivate init(_ error: EndpointError, region: String) {
        switch error {
        case .malformedRegion: self.init("\"\(region)\" is not the name of an AWS region")
        case .malformedURL(let setting): self.init("\(setting) is not an absolute URL without user, query and fragment")
        case .plainHTTP(let setting):
            self.init("\(setting) is plain http to another machine", hint: "use https, or an address of this machine")
        }
    }
}
