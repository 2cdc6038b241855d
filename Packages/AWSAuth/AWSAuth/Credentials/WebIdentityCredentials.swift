import BursarFiles
import BursarModel
import SystemPackage

/// Credentials of a role for whoever holds a token of an identity provider: Kubernetes service accounts, GitHub OIDC.
///
/// The token's file is read anew each time, since its writer replaces it.
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html
struct WebIdentityCredentials: CredentialProvider {
    let tokenFile: FilePath
    let roleARN: String
    /// nil for a name of our own.
    let sessionName: String?
    let sts: STSClient

    /// Bytes; AWS takes 20,000 characters.
    static let longestToken = 20_000

    func credentials() async throws -> AWSCredentials {
        let bytes: [UInt8]
        do {
            bytes = try FileContent.read(tokenFile, limit: Self.longestToken)
        } catch {
            throw CredentialError.failed(source: tokenFile.string, detail: error.problem)
        }
        // Whitespace at the ends, which a token can't have, is what editors and `echo` leave.
        let token = String(decoding: bytes, as: UTF8.self).trimmingASCIIWhitespace()
        guard token.utf8.count >= 4, token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw CredentialError.malformed(source: tokenFile.string, detail: "is not a token")
        }
        let now = sts.connection.clientContext.now()
        let role = try await sts.assumeRole(
            webIdentity: WebIdentityRequest(
                roleARN: roleARN,
                sessionName: sessionName ?? AssumeRoleCredentials.sessionName(at: now),
                token: Secret(String(token))
            )
        )
        return AWSCredentials(role.credentials, accountID: ARN.account(of: role.arn))
    }
}
