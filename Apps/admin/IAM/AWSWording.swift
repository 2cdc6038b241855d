import AWSAuth
import ArgumentParser
import BursarCore
import Console
import Files
import ServerSettings
import Storage
import Transport

/// What goes wrong with AWS, in an operator's words.
enum AWSWording {
    /// nil for what isn't ours to word.
    static func problem(_ error: any Error, profile: String?) -> Problem? {
        switch error {
        case let problem as Problem: problem
        case let problem as StoreProblem: Problem(problem)
        case let error as MissingRole: error.problem
        case let fault as FileFault: Problem("\(fault)", hint: fault.hint)
        case let error as CredentialError: credentials(error, profile.map { " --profile \($0)" } ?? "")
        case let error as AWSError: aws(error)
        case EndpointError.malformedRegion as EndpointError:
            Problem("the region is not the name of one", hint: "give one: --region us-east-1")
        case EndpointError.partition(let error) as EndpointError: Problem(error)
        case let error as PartitionError: Problem(error)
        case is EndpointError:
            Problem(
                "an endpoint that is set for AWS can't be used",
                hint: "check AWS_ENDPOINT_URL…: https, or this machine"
            )
        case is CancellationError: Problem("stopped")
        case is ExitCode, is ValidationError, is CleanExit: nil
        default: Problem("something failed that should not: \(type(of: error))")
        }
    }

    private static func credentials(_ error: CredentialError, _ option: String) -> Problem {
        switch error {
        case .notFound:
            Problem(
                "there are no AWS credentials here",
                hint: "aws configure sso, or name a profile with --aws-profile"
            )
        case .profileMissing(let name): Problem("there is no AWS profile \(name)", hint: "aws configure list-profiles")
        case .incomplete(let source, let missing): Problem("\(source): \(missing) is missing")
        case .malformed(let source, let detail): Problem("\(source): \(detail)")
        case .loop(let names): Problem("these profiles lead back to each other: \(names.joined(separator: ", "))")
        case .unsupported(let source, let hint): Problem("\(source) is not supported", hint: hint)
        case .failed(let source, let detail) where detail.contains("`aws sso login`"):
            Problem("\(source): \(detail.prefix { $0 != ";" })", hint: "aws sso login\(option)")
        case .failed(let source, let detail): Problem("\(source): \(detail)")
        case .ended(let source): Problem("the credentials from \(source) have ended", hint: "get new ones there")
        }
    }

    private static func aws(_ error: AWSError) -> Problem {
        switch error {
        case .refused(let refusal): refused(refusal)
        case .transport(_, let fault): network(fault)
        case .malformedAnswer: Problem("what answered is not AWS", hint: "check AWS_ENDPOINT_URL… and your network")
        case .invalidParameter(_, let field): Problem("AWS would not take \(field) as it is given")
        }
    }

    private static func network(_ fault: TransportFault) -> Problem {
        let network = NetworkFault(fault, service: "AWS")
        return Problem(network.message, hint: network.fix)
    }

    private static func refused(_ refusal: ServiceRefusal) -> Problem {
        let whose = "aws sts get-caller-identity shows whose credentials these are"
        if refusal.isDenied {
            return Problem(
                "these credentials may not \(refusal.permission)",
                hint: "have that permission given, or \(whose)"
            )
        }
        if refusal.isThrottling {
            return Problem("too many calls to \(refusal.permission) (\(refusal.code))", hint: "try again in a minute")
        }
        switch refusal.code {
        case "InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch",
            "InvalidSignatureException":
            return Problem("AWS doesn't take these credentials (\(refusal.code))", hint: whose)
        case "DeleteConflict":
            return Problem(
                "something else hangs on the user (\(refusal.code))",
                hint:
                    "take its password, MFA devices and groups away in the IAM console, and run the same command again"
            )
        case _ where refusal.isExpiredCredentials:
            return Problem("your AWS credentials have ended (\(refusal.code))", hint: "sign in again")
        case _ where refusal.isTransient:
            return Problem("AWS is not well at the moment (\(refusal.code))", hint: "try again shortly")
        default:
            let said = refusal.message.map { ": \($0)" } ?? ""
            return Problem("AWS refused \(refusal.permission) (\(refusal.code))\(said)")
        }
    }
}

extension ServiceRefusal {
    /// The call as policies name it: `iam:CreateUser`.
    fileprivate var permission: String {
        switch service {
        case .bedrockRuntime: "bedrock:\(operation)"
        default: "\(service.rawValue):\(operation)"
        }
    }
}
