import BursarFiles
import BursarFoundation
import BursarModel
import SystemPackage

/// Credentials of a role that other credentials may assume.
///
/// Each call assumes the role again, so wrap it in ``RefreshingCredentials``.
public struct AssumeRoleCredentials: CredentialProvider {
    private let sts: STSClient
    private let request: AssumeRoleRequest

    /// Assumes the role with the credentials that `sts` signs with; an empty session name becomes `bursar-` and the
    /// time.
    public init(_ request: AssumeRoleRequest, sts: STSClient) {
        self.sts = sts
        self.request = request
    }

    public func credentials() async throws -> AWSCredentials {
        var request = request
        if request.sessionName.isEmpty {
            request.sessionName = Self.sessionName(at: sts.client.clientContext.now())
        }
        let role = try await sts.assumeRole(request)
        return AWSCredentials(role.credentials, accountID: ARN.account(of: role.arn))
    }

    /// The default name of a session: its start time.
    static func sessionName(at date: Date) -> String {
        "bursar-\(Int(date.timeIntervalSince1970))"
    }
}

/// Credentials of a role for the holder of an identity provider's token: Kubernetes service accounts, GitHub OIDC.
///
/// The token's file is read again each time, since its writer replaces it.
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html
struct WebIdentityCredentials: CredentialProvider {
    let tokenFile: FilePath
    let roleARN: String
    /// nil for the default name.
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
        let now = sts.client.clientContext.now()
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
