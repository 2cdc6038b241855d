import BursarCore

/// `aws_access_key_id`, `aws_secret_access_key` and `aws_session_token` of a profile.
///
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-static-credentials.html
struct ProfileKeys: CredentialProvider {
    private let held: AWSCredentials

    /// nil when the profile has no access key id.
    ///
    /// - Throws: ``CredentialError/incomplete(source:missing:)`` when half a pair is there.
    init?(_ profile: Profile) throws(CredentialError) {
        guard profile.has("aws_access_key_id") else { return nil }
        var token = try profile.text("aws_security_token")
        if token == nil { token = try profile.text("aws_session_token") }
        held = AWSCredentials(
            accessKeyID: try profile.required("aws_access_key_id"),
            secretAccessKey: Secret(try profile.required("aws_secret_access_key")),
            sessionToken: token.map { Secret($0) },
            accountID: try profile.text("aws_account_id")
        )
    }

    func credentials() -> AWSCredentials { held }
}
