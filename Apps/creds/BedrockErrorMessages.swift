import AWSAuth
import AWSClients
import BursarConsole
import BursarHTTP

/// Error messages for failed Bedrock calls; the hint is a command wherever the user can act.
///
/// AWS's own sentence is matched but never shown, since it names accounts and roles.
struct BedrockErrorMessages {
    let region: AWSRegion
    /// The invoked model; nil when models were listed.
    let model: String?
    /// The profile whose session was used; nil for the user's own credentials.
    let profile: ProfileName?
    /// The URL of the request, as far as it is known.
    let url: String?

    func problem(_ error: any Error) -> UserFacingError {
        switch error {
        case let problem as UserFacingError: problem
        case AWSError.refused(let refusal): refused(refusal)
        case AWSError.transport(_, let fault): network(fault)
        case AWSError.invalidParameter(_, let field): UserFacingError("this can't be a \(field)", hint: list)
        default: CredentialChainMessages.problem(error, profile: nil)
        }
    }

    private var list: String { "creds models --region \(region)\(profile?.option ?? "")" }
    private var renewal: String {
        profile.map { "creds refresh\($0.option)" } ?? "aws sts get-caller-identity"
    }
    private var what: String { model ?? "the list of models" }

    private func network(_ fault: TransportError) -> UserFacingError {
        let network = NetworkError(fault, url: url ?? "https://bedrock.\(region).amazonaws.com")
        return UserFacingError(network.message, hint: network.fix)
    }

    private func refused(_ refusal: AWSServiceError) -> UserFacingError {
        let message = (refusal.message ?? "").lowercased()
        if refusal.isThrottling {
            return UserFacingError("too many requests for \(what) (\(refusal.code)); try again shortly")
        }
        switch refusal.code {
        case "AccessDeniedException", "AccessDenied": return denied(message, refusal.code)
        case "ResourceNotFoundException" where message.contains("use case details"):
            return UserFacingError(
                "Anthropic's use-case form is not filled in for this account (\(refusal.code)): ask your operator to",
                hint: list
            )
        case "ResourceNotFoundException":
            return UserFacingError("\(what) is not in \(region) (\(refusal.code))", hint: list)
        case "ValidationException" where message.contains("on-demand throughput"):
            return UserFacingError("\(what) is invoked through an inference profile only (\(refusal.code))", hint: list)
        case "ValidationException" where message.contains("model identifier is invalid"):
            return UserFacingError("\(what) is no model of \(region) (\(refusal.code))", hint: list)
        case "ValidationException":
            return UserFacingError("\(what) doesn't take such a request (\(refusal.code))", hint: list)
        case "UnrecognizedClientException", "InvalidClientTokenId":
            return UserFacingError("AWS doesn't know these credentials (\(refusal.code))", hint: renewal)
        case "InvalidSignatureException", "SignatureDoesNotMatch", "RequestExpired":
            return UserFacingError("AWS refuses the signature (\(refusal.code)): is the clock right?", hint: "date -u")
        case _ where refusal.isExpiredCredentials:
            return UserFacingError("the credentials have ended (\(refusal.code))", hint: renewal)
        case _ where refusal.isTransient:
            return UserFacingError("Bedrock is not well at the moment (\(refusal.code)); try again shortly")
        default: return UserFacingError("AWS refused \(refusal.operation) (\(refusal.code))", hint: list)
        }
    }

    private func denied(_ message: String, _ code: String) -> UserFacingError {
        guard let model else {
            return UserFacingError(
                "these credentials may not list models (\(code))",
                hint: "ask your operator which models are yours, or for bedrock:ListFoundationModels and "
                    + "bedrock:ListInferenceProfiles"
            )
        }
        if message.contains("marketplace") {
            return UserFacingError(
                "\(model) has to be subscribed to in AWS Marketplace first (\(code)): ask your operator to invoke it once",
                hint: list
            )
        }
        if message.contains("callwithbearertoken") {
            return UserFacingError(
                "bearer tokens are not allowed, for want of bedrock:CallWithBearerToken (\(code)): ask your operator",
                hint: "unset \(BearerTokenCheck.variable)"
            )
        }
        return UserFacingError(
            "these credentials may not invoke \(model) (\(code)): ask your operator to allow it",
            hint: list
        )
    }
}

/// The Bedrock endpoints, as the environment and config files of AWS's tools set them.
enum BedrockEndpoints {
    /// Unreadable config files are not an error here: the environment alone decides then.
    static func resolver(_ context: CredsContext, profile: String?) -> EndpointResolver {
        let resolver = try? EndpointResolver(environment: context.environment, profileNamed: profile)
        return resolver ?? EndpointResolver(environment: context.environment)
    }
}
