import AWSAuth
import AWSClients
import BursarConsole

/// The reason why a model refused an operator, and its remedy.
///
/// Bedrock distinguishes most of these by its message alone. The message is examined but not repeated, since it names
/// accounts and roles. The messages come from AWS's documentation and its users; none was observed on AWS by these
/// tests.
struct ModelAccessError {
    let access: ModelAccess.Access
    let why: String
    let remedy: String?

    private init(_ access: ModelAccess.Access, _ why: String, _ remedy: String? = nil) {
        self.access = access
        self.why = why
        self.remedy = remedy
    }

    /// - Throws: ``AWSError`` for errors that don't concern this model: credentials that have expired, or that AWS
    ///   doesn't know.
    init(_ refusal: AWSServiceError, model: String, region: String) throws(AWSError) {
        let message = (refusal.message ?? "").lowercased()
        switch refusal.code {
        case "AccessDeniedException", "AccessDenied": self = Self.denied(message, model)
        case "ResourceNotFoundException" where message.contains("use case details"):
            self.init(
                .form,
                "the account has not sent Anthropic's use-case form",
                "Bedrock console, Model catalog, any Anthropic model, Submit use case details; works within 15 minutes"
            )
        case "ResourceNotFoundException":
            self.init(
                .missing,
                "\(region) hasn't got it, or it has come to its end",
                "another --region, or another model"
            )
        case "ValidationException" where message.contains("on-demand throughput"):
            self.init(
                .profile,
                "it is invoked through an inference profile only",
                "aws bedrock list-inference-profiles --region \(region)"
            )
        case "ValidationException" where message.contains("model identifier is invalid"):
            self.init(.missing, "\(region) hasn't got it", "another --region, or another model")
        case "ValidationException":
            self.init(
                .failed,
                "it doesn't take such a question (\(refusal.code))",
                "it may take others: try InvokeModel"
            )
        case _ where refusal.isThrottling:
            self.init(
                .throttled,
                "too many requests or tokens (\(refusal.code)); access is there",
                "try again in a minute"
            )
        case _ where refusal.isTransient || refusal.code == "ModelNotReadyException":
            self.init(.failed, "Bedrock is not well at the moment (\(refusal.code))", "try again shortly")
        case "ModelErrorException", "ModelTimeoutException":
            self.init(.failed, "the model failed (\(refusal.code))", "try again shortly")
        case _ where refusal.isExpiredCredentials: throw .refused(refusal)
        case "UnrecognizedClientException", "InvalidClientTokenId", "InvalidSignatureException",
            "SignatureDoesNotMatch":
            throw .refused(refusal)
        default: self.init(.failed, "AWS refused it (\(refusal.code))")
        }
    }

    private static func denied(_ message: String, _ model: String) -> Self {
        if message.contains("marketplace") {
            return Self(
                .unsubscribed,
                "AWS Marketplace has no subscription of this account to it",
                "invoke it once as an identity with aws-marketplace:Subscribe and aws-marketplace:ViewSubscriptions: "
                    + "with its --aws-profile, this command does"
            )
        }
        if message.contains("service control policy") {
            return Self(.denied, "a service control policy of the organization denies it", "ask who administers it")
        }
        return Self(
            .denied,
            "these credentials may not bedrock:InvokeModel on it",
            "have that permission given; it says nothing about the role that researchers use"
        )
    }
}
