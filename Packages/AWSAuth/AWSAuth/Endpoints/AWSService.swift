/// The services this package speaks to, with the names AWS knows each under.
public enum AWSService: String, Sendable, CaseIterable {
    case sts = "sts"
    case iam = "iam"
    case cloudFormation = "cloudformation"
    case bedrock = "bedrock"
    case bedrockRuntime = "bedrock-runtime"
    case sso = "portal.sso"
    case ssoOIDC = "oidc"
    case secretsManager = "secretsmanager"
    case ec2 = "ec2"
    case logs = "logs"

    /// The first part of the host name.
    var hostPrefix: String { rawValue }

    /// The name in the credential scope.
    var signingName: String {
        switch self {
        case .bedrockRuntime: "bedrock"
        case .sso: "awsssoportal"
        case .ssoOIDC: "sso-oauth"
        default: rawValue
        }
    }

    /// What follows `AWS_ENDPOINT_URL_`; in lower case the key inside a `services` section of the config file.
    var settingName: String {
        switch self {
        case .sts: "STS"
        case .iam: "IAM"
        case .cloudFormation: "CLOUDFORMATION"
        case .bedrock: "BEDROCK"
        case .bedrockRuntime: "BEDROCK_RUNTIME"
        case .sso: "SSO"
        case .ssoOIDC: "SSO_OIDC"
        case .secretsManager: "SECRETS_MANAGER"
        case .ec2: "EC2"
        case .logs: "CLOUDWATCH_LOGS"
        }
    }
}
