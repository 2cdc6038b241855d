import AWSAuth
import BursarConsole
import BursarHTTP

/// Error messages for the user's own AWS credentials.
enum CredentialChainMessages {
    /// Returns true if the error is an ended SSO session, which signing in again would mend.
    static func isSignedOut(_ error: any Error) -> Bool {
        if case .signedOut = error as? CredentialError { true } else { false }
    }

    /// `profile` is the one that an option chose, for the hint; `environment` is what was read otherwise.
    static func problem(_ error: any Error, profile: String?, _ environment: [String: String] = [:]) -> UserFacingError
    {
        let option = profile.map { " --profile \($0)" } ?? ""
        switch error {
        case let error as CredentialError:
            return credential(error, option, profile == nil ? environment : [:])
        case let error as AWSError: return aws(error)
        case let error as EndpointError: return endpoint(error, environment)
        case is CancellationError: return UserFacingError("stopped")
        default: return UserFacingError("something failed that should not; this is a bug in creds")
        }
    }

    private static func credential(
        _ error: CredentialError,
        _ option: String,
        _ environment: [String: String]
    ) -> UserFacingError {
        switch error {
        case .notFound:
            UserFacingError(
                "there are no AWS credentials here",
                hint: "aws configure sso, or name a profile with --aws-profile"
            )
        case .profileMissing(let name):
            UserFacingError(
                "there is no AWS profile \(name)\(chooser(of: name, environment))",
                hint: "aws configure list-profiles"
            )
        case .incomplete(let source, let missing): UserFacingError("\(source): \(missing) is missing")
        case .malformed(let source, let detail): UserFacingError("\(source): \(detail)")
        case .loop(let names):
            UserFacingError(
                Set(names).count == 1
                    ? "profile \(names[0]) asks for itself"
                    : "these profiles lead back to each other: \(names.joined(separator: ", "))",
                hint: "check credential_process and source_profile in ~/.aws/config"
            )
        case .unsupported(let source, let hint): UserFacingError("\(source) is not supported", hint: hint)
        case .signedOut(let source, let detail):
            UserFacingError("\(source): \(detail)", hint: "aws sso login\(option)")
        case .failed(let source, let detail): UserFacingError("\(source): \(detail)")
        case .ended(let source):
            UserFacingError("the credentials from \(source) have ended", hint: "get new ones there")
        }
    }

    private static func chooser(of profile: String, _ environment: [String: String]) -> String {
        let variable = ["AWS_DEFAULT_PROFILE", "AWS_PROFILE"].first { environment[$0] == profile }
        return variable.map { ", which \($0) names" } ?? ""
    }

    private static func endpoint(_ error: EndpointError, _ environment: [String: String]) -> UserFacingError {
        if case .partition(let error) = error { return UserFacingError(error.description, hint: error.hint) }
        let (setting, flaw): (String, String) =
            switch error {
            case .malformedRegion, .partition: ("the region", "not the name of one")
            case .malformedURL(let setting): (setting, "not a URL")
            case .plainHTTP(let setting): (setting, "plain http to another machine")
            }
        // A user and password may precede the host.
        let value = environment[setting].flatMap { $0.contains("@") ? nil : ": \"\($0.prefix(80))\"" } ?? ""
        return UserFacingError("\(setting) is \(flaw)\(value)", hint: "AWS's own endpoint is used where none is set")
    }

    private static func aws(_ error: AWSError) -> UserFacingError {
        switch error {
        case .refused(let refusal):
            UserFacingError(
                "AWS refused \(refusal.operation) (\(refusal.code))",
                hint: "aws sts get-caller-identity shows whose credentials these are"
            )
        case .transport(_, let fault): network(fault)
        case .malformedResponse:
            UserFacingError("what answered is not AWS", hint: "check AWS_ENDPOINT_URL… and your network")
        case .invalidParameter(_, let field): UserFacingError("AWS would not take \(field) as it is set")
        }
    }

    private static func network(_ fault: TransportError) -> UserFacingError {
        let network = NetworkError(fault, service: "AWS")
        return UserFacingError(network.message, hint: network.fix)
    }
}
