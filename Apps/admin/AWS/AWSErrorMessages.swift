import AWSAuth
import AWSClients
import AWSOperations
import ArgumentParser
import BursarConsole
import BursarFiles
import BursarHTTP
import BursarModel
import ServerSettings
import Storage

/// Messages for errors of AWS.
enum AWSErrorMessages {
    /// Returns nil for errors that ArgumentParser words itself.
    static func problem(_ error: any Error, profile: String?) -> UserFacingError? {
        switch error {
        case let problem as UserFacingError: problem
        case let problem as StoreError: UserFacingError(problem)
        case let error as MissingRole: error.problem
        case let fault as FileError: UserFacingError("\(fault)", hint: fault.hint)
        case let error as CredentialError: credentials(error, profile.map { " --profile \($0)" } ?? "")
        case let error as AWSError: aws(error)
        case let error as InvocationLogCallError: invocationLog(error, profile: profile)
        case EndpointError.malformedRegion as EndpointError:
            UserFacingError("the region is not the name of one", hint: "give one: --region us-east-1")
        case EndpointError.partition(let error) as EndpointError: UserFacingError(error)
        case let error as PartitionError: UserFacingError(error)
        case is EndpointError:
            UserFacingError(
                "an endpoint that is set for AWS can't be used",
                hint: "check AWS_ENDPOINT_URL…: https, or this machine"
            )
        case is CancellationError: UserFacingError("stopped")
        case is ExitCode, is ValidationError, is CleanExit: nil
        default: UserFacingError("something failed that should not: \(type(of: error))")
        }
    }

    private static func credentials(_ error: CredentialError, _ option: String) -> UserFacingError {
        switch error {
        case .notFound:
            UserFacingError(
                "there are no AWS credentials here",
                hint: "aws configure sso, or name a profile with --aws-profile"
            )
        case .profileMissing(let name):
            UserFacingError("there is no AWS profile \(name)", hint: "aws configure list-profiles")
        case .incomplete(let source, let missing): UserFacingError("\(source): \(missing) is missing")
        case .malformed(let source, let detail): UserFacingError("\(source): \(detail)")
        case .loop(let names):
            UserFacingError("these profiles lead back to each other: \(names.joined(separator: ", "))")
        case .unsupported(let source, let hint): UserFacingError("\(source) is not supported", hint: hint)
        case .signedOut(let source, let detail):
            UserFacingError("\(source): \(detail)", hint: "aws sso login\(option)")
        case .failed(let source, let detail): UserFacingError("\(source): \(detail)")
        case .ended(let source):
            UserFacingError("the credentials from \(source) have ended", hint: "get new ones there")
        }
    }

    private static func aws(_ error: AWSError) -> UserFacingError {
        switch error {
        case .refused(let refusal): refused(refusal)
        case .transport(_, let fault): network(fault)
        case .malformedResponse:
            UserFacingError("what answered is not AWS", hint: "check AWS_ENDPOINT_URL… and your network")
        case .invalidParameter(_, let field): UserFacingError("AWS would not take \(field) as it is given")
        }
    }

    /// Names the region, since the same call may succeed in others.
    private static func invocationLog(_ error: InvocationLogCallError, profile: String?) -> UserFacingError? {
        guard let region = error.region else {
            guard case AWSError.refused(let refusal) = error.cause, refusal.isDenied else {
                return problem(error.cause, profile: profile)
            }
            return UserFacingError("these credentials may not \(refusal.permission)", hint: spendPolicyHint)
        }
        switch error.cause {
        case AWSError.refused(let refusal) where refusal.isDenied:
            return UserFacingError(
                "these credentials may not \(refusal.permission) in \(region)",
                hint: spendPolicyHint
            )
        case AWSError.refused(let refusal) where isUnknownCredentials(refusal):
            // The identity was asked elsewhere before, and AWS took them there.
            return UserFacingError(
                "\(region) doesn't take these credentials, which another region does: "
                    + "it is switched off for the account",
                hint: "aws account enable-region --region-name \(region), or leave the region out"
            )
        case AWSError.transport(let service, .unresolved):
            return UserFacingError(
                "\(region) has no \(service.rawValue): its address doesn't resolve",
                hint: "leave the region out, or check AWS_ENDPOINT_URL… and your network"
            )
        default:
            guard let problem = problem(error.cause, profile: profile) else { return nil }
            return UserFacingError("\(region): \(problem.problem)", hint: problem.hint)
        }
    }

    private static let spendPolicyHint = "admin policy operator --spend prints the permissions that it takes"

    private static func isUnknownCredentials(_ refusal: AWSServiceError) -> Bool {
        [
            "InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch",
            "InvalidSignatureException",
        ].contains(refusal.code)
    }

    private static func network(_ fault: TransportError) -> UserFacingError {
        let network = NetworkError(fault, service: "AWS")
        return UserFacingError(network.message, hint: network.fix)
    }

    private static func refused(_ refusal: AWSServiceError) -> UserFacingError {
        let identityHint = "aws sts get-caller-identity shows whose credentials these are"
        if refusal.isDenied {
            return UserFacingError(
                "these credentials may not \(refusal.permission)",
                hint: "have that permission given, or \(identityHint)"
            )
        }
        if refusal.isThrottling {
            return UserFacingError(
                "too many calls to \(refusal.permission) (\(refusal.code))",
                hint: "try again in a minute"
            )
        }
        switch refusal.code {
        case _ where isUnknownCredentials(refusal):
            return UserFacingError("AWS doesn't take these credentials (\(refusal.code))", hint: identityHint)
        case "DeleteConflict":
            return UserFacingError(
                "something else hangs on the user (\(refusal.code))",
                hint:
                    "take its password, MFA devices and groups away in the IAM console, and run the same command again"
            )
        case _ where refusal.isExpiredCredentials:
            return UserFacingError("your AWS credentials have ended (\(refusal.code))", hint: "sign in again")
        case _ where refusal.isTransient:
            return UserFacingError("AWS is not well at the moment (\(refusal.code))", hint: "try again shortly")
        default:
            let message = refusal.message.map { ": \($0)" } ?? ""
            return UserFacingError("AWS refused \(refusal.permission) (\(refusal.code))\(message)")
        }
    }
}

extension AWSServiceError {
    /// The request as policies name it: `iam:CreateUser`.
    fileprivate var permission: String {
        switch service {
        case .bedrockRuntime: "bedrock:\(operation)"
        default: "\(service.rawValue):\(operation)"
        }
    }
}
