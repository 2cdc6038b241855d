import BursarModel
import INIParser

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
            accessKeyID: try Self.plain(profile, "aws_access_key_id"),
            secretAccessKey: Secret(try Self.plain(profile, "aws_secret_access_key")),
            sessionToken: token.map { Secret($0) },
            accountID: try profile.text("aws_account_id")
        )
        if let token, !token.isEmpty, !CredentialCharacters.isPlain(token) {
            throw Self.malformed(profile, "the token")
        }
    }

    /// A comment after the value becomes a part of it; AWS would only say that it doesn't know the key.
    private static func plain(_ profile: Profile, _ setting: ExactText) throws(CredentialError) -> String {
        let text = try profile.required(setting)
        guard CredentialCharacters.isPlain(text) else { throw malformed(profile, setting) }
        return text
    }

    private static func malformed(_ profile: Profile, _ setting: ExactText) -> CredentialError {
        .malformed(source: "profile \(profile.name)", detail: "\(setting) has blanks or line breaks in it")
    }

    func credentials() -> AWSCredentials { held }
}
