/// Where credentials were found; the raw values are botocore's names.
public enum CredentialMethod: String, Sendable, CaseIterable {
    case environment = "env"
    case assumeRole = "assume-role"
    case webIdentity = "assume-role-with-web-identity"
    case sso = "sso"
    case sharedCredentialsFile = "shared-credentials-file"
    case process = "custom-process"
    case configFile = "config-file"
    case container = "container-role"
    case instance = "iam-role"
}
