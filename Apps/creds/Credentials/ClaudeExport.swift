import AWSAuth
import BursarConsole
import BursarFoundation
import BursarModel

/// What Claude Code's `awsCredentialExport` command has to print: `{"Credentials":{…}}`.
///
/// Without `Expiration`, which it knows since 2.1.176, it keeps the session for an hour, whatever is left of it.
struct ClaudeExport {
    private let accessKeyID: String
    private let secretAccessKey: Secret<String>
    private let sessionToken: Secret<String>
    private let expiration: Date?

    /// - Throws: ``UserFacingError`` for long-lived keys: all three values have to be there.
    init(_ credentials: AWSCredentials) throws(UserFacingError) {
        guard let token = credentials.sessionToken else {
            throw UserFacingError(
                "these are long-lived keys, and Claude Code takes session credentials here",
                hint: "leave out --from chain, or use a profile with a role or SSO"
            )
        }
        accessKeyID = credentials.accessKeyID
        secretAccessKey = credentials.secretAccessKey
        sessionToken = token
        expiration = credentials.expiration
    }

    func text() throws -> Secret<String> {
        var credentials = [
            "AccessKeyId": accessKeyID,
            "SecretAccessKey": secretAccessKey.reveal(),
            "SessionToken": sessionToken.reveal(),
        ]
        credentials["Expiration"] = expiration.map { Timestamp.string($0) }
        return Secret(try JSONText.line(["Credentials": credentials]))
    }
}
