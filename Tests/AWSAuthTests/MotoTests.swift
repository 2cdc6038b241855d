import AWSTestSupport
import BursarFoundation
import BursarHTTP
import BursarModel
import Subprocess
import SystemPackage
import TestSupport
import Testing

@testable import AWSAuth

/// Real requests with real signatures, checked by moto with its authentication on.
@Suite(.enabled(if: Peer.isThere), .serialized)
struct MotoTests {
    struct Account: Decodable {
        let accessKeyID: String
        let secret: String
        let role: String
    }

    struct Stage {
        let account: Account
        let base: String
        let clientContext = AWSClientContext(transport: HTTPTransport(), now: { Date() })

        func sts(secret: String? = nil, _ provider: (any CredentialProvider)? = nil) throws -> STSClient {
            let own = AWSCredentials(
                accessKeyID: account.accessKeyID,
                secretAccessKey: Secret(secret ?? account.secret)
            )
            return try STSClient(
                region: "eu-central-1",
                credentials: provider ?? StaticCredentials(own),
                endpoints: EndpointResolver(environment: ["AWS_ENDPOINT_URL": base]),
                clientContext: clientContext
            )
        }
    }

    func withMoto(_ body: (Stage) async throws -> Void) async throws {
        try await ChildServer.run(.path(FilePath(Peer.python)), ["\(Peer.folder)/moto_peer.py"]) { server in
            var lines = server.lines.makeAsyncIterator()
            let line = try #require(await lines.next())
            let account = try JSONDecoder().decode(Account.self, from: Data(line.utf8))
            try await body(Stage(account: account, base: server.url))
        }
    }

    @Test func `moto takes our signatures, with and without a session token`() async throws {
        try await withMoto { stage in
            let sts = try stage.sts()
            #expect(try await sts.callerIdentity().arn.hasSuffix(":user/ada"))
            let role = try await sts.assumeRole(
                AssumeRoleRequest(
                    roleARN: stage.account.role,
                    sessionName: "ada+lovelace@example",
                    duration: .seconds(900),
                    externalID: "ext:1",
                    policy: #"{"Version":"2012-10-17","Statement":[]}"#,
                    tags: [.init(key: "project", value: "a b/ü")],
                    sourceIdentity: "ada"
                )
            )
            #expect(role.arn.hasSuffix(":assumed-role/bedrock/ada+lovelace@example"))
            #expect(role.credentials.timeLeft(at: Date()) > 800)
            let session = try stage.sts(StaticCredentials(AWSCredentials(role.credentials)))
            #expect(try await session.callerIdentity().arn == role.arn)
            let provider = AssumeRoleCredentials(
                AssumeRoleRequest(roleARN: stage.account.role, sessionName: ""),
                sts: sts
            )
            let refreshing = RefreshingCredentials(provider, clientContext: stage.clientContext)
            #expect(try await stage.sts(refreshing).callerIdentity().arn.contains(":assumed-role/bedrock/bursar-"))
            #expect(try await sts.sessionToken(duration: .seconds(900)).timeLeft(at: Date()) > 800)
        }
    }

    @Test func `moto refuses a wrong secret, an unknown key and a role that isn't allowed`() async throws {
        try await withMoto { stage in
            func code(_ body: () async throws -> Void) async -> String? {
                do {
                    try await body()
                    return nil
                } catch AWSError.refused(let refusal) {
                    return refusal.code
                } catch {
                    return "\(error)"
                }
            }
            #expect(await code { _ = try await stage.sts(secret: "wrong").callerIdentity() } == "SignatureDoesNotMatch")
            let unknown = AWSCredentials(accessKeyID: "AKIANOBODY0000000000", secretAccessKey: Secret("secret"))
            #expect(
                await code { _ = try await stage.sts(StaticCredentials(unknown)).callerIdentity() }
                    == "InvalidClientTokenId"
            )
            let closed = stage.account.role.replacing("bedrock", with: "closed")
            let request = AssumeRoleRequest(roleARN: closed, sessionName: "ada")
            #expect(await code { _ = try await stage.sts().assumeRole(request) } == "AccessDenied")
        }
    }
}
