import BursarFoundation
import BursarModel

/// Credentials of a role that other credentials may assume.
///
/// Each call assumes it anew, so wrap it in ``RefreshingCredentials``.
public struct AssumeRoleCredentials: CredentialProvider {
    private let sts: STSClient
    private let request: AssumeRoleRequest

    /// Over the credentials that `sts` signs with; an empty session name becomes `bursar-` and the time.
    public init(_ request: AssumeRoleRequest, sts: STSClient) {
        self.sts = sts
        self.request = request
    }

    public func credentials() async throws -> AWSCredentials {
        var request = request
        if request.sessionName.isEmpty {
            request.sessionName = Self.sessionName(at: sts.connection.clientContext.now())
        }
        let role = try await sts.assumeRole(request)
        return AWSCredentials(role.credentials, accountID: ARN.account(of: role.arn))
    }

    /// A name for a session that nobody named: when it began.
    static func sessionName(at date: Date) -> String {
        "bursar-\(Int(date.timeIntervalSince1970))"
    }
}
