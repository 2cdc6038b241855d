import AWSAuth
import Console

/// What goes wrong with a person's own AWS credentials, in words.
enum ChainWording {
    /// Whether signing in again would help; AWSAuth says it in its detail.
    static func isSignedOut(_ error: any Error) -> Bool {
        guard case .failed(_, let detail) = error as? CredentialError else { return false }
        return detail.contains("`aws sso login`")
    }

    /// `profile` is the one that was chosen, for the hint.
    static func problem(_ error: any Error, profile: String?) -> Problem {
        let option = profile.map { " --profile \($0)" } ?? ""
        switch error {
        case let error as CredentialError: return credential(error, option)
        case let error as AWSError: return aws(error)
        case is EndpointError:
            return Problem(
                "an endpoint that is set for AWS can't be used",
                hint: "check AWS_ENDPOINT_URL… and the region"
            )
        case is CancellationError: return Problem("stopped")
        default: return Problem("something failed that should not; this is a bug in creds")
        }
    }

    private static func credential(_ error: CredentialError, _ option: String) -> Problem {
        switch error {
        case .notFound:
            Problem(
                "there are no AWS credentials here",
                hint: "aws configure sso, or name a profile with --aws-profile"
            )
        case .profileMissing(let name):
            Problem("there is no AWS profile \(name)", hint: "aws configure list-profiles")
        case .incomplete(let source, let missing): Problem("\(source): \(missing) is missing")
        case .malformed(let source, let detail): Problem("\(source): \(detail)")
        case .loop(let names): Problem("these profiles lead back to each other: \(names.joined(separator: ", "))")
        case .unsupported(let source, let hint): Problem("\(source) is not supported", hint: hint)
        case .failed(let source, let detail) where isSignedOut(error):
            // The hint says it better.
            Problem(
                "\(source): \(detail.prefix { $0 != ";" })",
                hint: "aws sso login\(option)"
            )
        case .failed(let source, let detail): Problem("\(source): \(detail)")
        case .ended(let source): Problem("the credentials from \(source) have ended", hint: "get new ones there")
        }
    }

    private static func aws(_ error: AWSError) -> Problem {
        switch error {
        case .refused(let refusal):
            Problem(
                "AWS refused \(refusal.operation) (\(refusal.code))",
                hint: "aws sts get-caller-identity shows whose credentials these are"
            )
        case .transport: Problem("AWS can't be reached", hint: "check the network, and HTTPS_PROXY if you need one")
        case .malformedAnswer: Problem("what answered is not AWS", hint: "check AWS_ENDPOINT_URL… and your network")
        case .invalidParameter(_, let field): Problem("AWS would not take \(field) as it is set")
        }
    }
}
