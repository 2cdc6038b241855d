import AWSAuth
import BursarCore
import Console

/// What Claude Code's `awsCredentialExport` command has to print: `{"Credentials":{…}}`.
struct ClaudeExport {
    private let accessKeyID: String
    private let secretAccessKey: Secret<String>
    private let sessionToken: Secret<String>

    /// - Throws: ``Problem`` for long-lived keys: all three values have to be there.
    init(_ credentials: AWSCredentials) throws(Problem) {
        guard let token = credentials.sessionToken else {
            throw Problem(
                "these are long-lived keys, and Claude Code takes session credentials here",
                hint: "leave out --from chain, or use a profile with a role or SSO"
            )
        }
        accessKeyID = credentials.accessKeyID
        secretAccessKey = credentials.secretAccessKey
        sessionToken = token
    }

    func text() throws -> Secret<String> {
        let credentials = [
            "AccessKeyId": accessKeyID,
            "SecretAccessKey": secretAccessKey.reveal(),
            "SessionToken": sessionToken.reveal(),
        ]
        return Secret(try JSONText.line(["Credentials": credentials]))
    }
}
