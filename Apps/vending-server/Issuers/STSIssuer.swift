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
        let credentials = try Self.baseCredentials(environment)
        do throws(EndpointError) {
            client = try STSClient(
                region: role.region,
                credentials: credentials,
                endpoints: EndpointResolver(environment: environment),
                surroundings: Surroundings(transport: transport, now: now)
            )
        } catch {
            throw Problem(error, region: role.region)
        }
    }

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
    /// A clear no is AWS's refusal of this request; everything else may pass.
    fileprivate init(_ error: AWSError) {
        switch error {
        case .refused(let refusal) where !error.isRetryable:
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
