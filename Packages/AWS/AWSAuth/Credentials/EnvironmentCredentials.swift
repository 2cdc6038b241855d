import BursarFoundation
import BursarModel

/// Credentials in `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`.
///
/// Also `AWS_SECURITY_TOKEN` (the token's old name, read first, as by botocore), `AWS_CREDENTIAL_EXPIRATION`
/// (RFC 3339) and `AWS_ACCOUNT_ID`.
///
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-static-credentials.html
public struct EnvironmentCredentials: CredentialProvider {
    private let held: AWSCredentials

    /// nil when there is no access key id.
    ///
    /// - Parameter environment: variables by name; an empty value counts as unset.
    /// - Throws: ``CredentialError/incomplete(source:missing:)`` when half a pair is set.
    public init?(environment: [String: String]) throws(CredentialError) {
        func value(_ name: String) -> String? {
            environment[name].flatMap { $0.isEmpty ? nil : $0 }
        }
        guard let accessKeyID = value("AWS_ACCESS_KEY_ID") else { return nil }
        guard let secret = value("AWS_SECRET_ACCESS_KEY") else {
            throw .incomplete(source: "environment", missing: "AWS_SECRET_ACCESS_KEY")
        }
        var expiration: Date?
        if let text = value("AWS_CREDENTIAL_EXPIRATION") {
            expiration = Timestamp.date(text)
            guard expiration != nil else {
                throw .malformed(
                    source: "environment",
                    detail: "AWS_CREDENTIAL_EXPIRATION is not a time: \(CredentialCharacters.shown(text))"
                )
            }
        }
        let token = value("AWS_SECURITY_TOKEN") ?? value("AWS_SESSION_TOKEN")
        let tokenName = value("AWS_SECURITY_TOKEN") == nil ? "AWS_SESSION_TOKEN" : "AWS_SECURITY_TOKEN"
        let texts = [("AWS_ACCESS_KEY_ID", accessKeyID), ("AWS_SECRET_ACCESS_KEY", secret), (tokenName, token)]
        for (name, text) in texts {
            // Secrets, so only their variable is named.
            guard text.map(CredentialCharacters.isPlain) ?? true else {
                throw .malformed(source: "environment", detail: "\(name) has blanks or line breaks in it")
            }
        }
        held = AWSCredentials(
            accessKeyID: accessKeyID,
            secretAccessKey: Secret(secret),
            sessionToken: token.map { Secret($0) },
            expiration: expiration,
            accountID: value("AWS_ACCOUNT_ID")
        )
    }

    public func credentials() -> AWSCredentials { held }
}
