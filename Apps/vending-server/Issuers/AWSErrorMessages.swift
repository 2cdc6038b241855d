import AWSAuth
import BursarConsole
import ServerSettings

extension UserFacingError {
    init(_ error: EndpointError, region: String) {
        switch error {
        case .malformedRegion: self.init("\"\(region)\" is not the name of an AWS region")
        case .partition(let error): self.init(error)
        case .malformedURL(let setting): self.init("\(setting) is not an absolute URL without user, query and fragment")
        case .plainHTTP(let setting):
            self.init("\(setting) is plain http to another machine", hint: "use https, or an address of this machine")
        }
    }

    /// The error for a failure of the server's own credentials.
    init(_ error: CredentialError) {
        switch error {
        case .notFound:
            self.init(
                "there are no AWS credentials to call STS with",
                hint:
                    "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile or a role; in a container on EC2 the "
                    + "instance's role needs HttpPutResponseHopLimit=2; or run `vending-server dev`"
            )
        case .profileMissing(let name):
            self.init("there is no AWS profile \"\(name)\"", hint: "aws configure list-profiles shows them")
        case .incomplete(let source, let missing):
            self.init("the AWS credentials from \(source) lack \(missing)")
        case .malformed(let source, let detail), .failed(let source, let detail):
            self.init("the AWS credentials from \(source) can't be used: \(detail)")
        case .signedOut(let source, let detail):
            self.init("the AWS credentials from \(source) can't be used: \(detail)", hint: "run `aws sso login`")
        case .loop(let profiles):
            self.init("the AWS profiles \(profiles.joined(separator: " → ")) refer to each other in a circle")
        case .unsupported(let source, let hint):
            self.init("AWS credentials from \(source) can't be used here", hint: hint)
        case .ended(let source):
            self.init("the AWS credentials from \(source) have ended")
        }
    }
}

/// The cause of a failed call to AWS, as the server's log has it.
enum LoggedCause {
    static func text(of error: any Error, service: String) -> String {
        switch error {
        case AWSError.refused(let refusal): refusal.message.map { "\(refusal.code): \($0)" } ?? refusal.code
        case AWSError.transport: "\(service) can't be reached"
        case AWSError.malformedResponse: "what answered is not \(service)"
        case let error as CredentialError: UserFacingError(error).problem
        default: "\(type(of: error))"
        }
    }
}
