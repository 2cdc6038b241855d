import AWSTestSupport
import BursarFoundation
import BursarHTTP
import BursarModel
import SystemPackage
import TestSupport
import Testing

@testable import AWSAuth

/// The SSO session that all AWS tools of a user share.
struct SSOSessionTests {
    static let grant = #"{"accessToken":"fresh","expiresIn":28800,"refreshToken":"next"}"#
    static let role = """
        {"roleCredentials":{"accessKeyId":"ASIA","secretAccessKey":"s","sessionToken":"t","expiration":4070908800000}}
        """

    /// A session that can be refreshed, of which `left` seconds are left, in `home`.
    func credentials(
        _ world: Recorded,
        left: TimeInterval,
        in home: FilePath
    ) throws -> (CredentialChain, SSOTokenCache) {
        let config = """
            [profile s]
            sso_session = corp
            sso_account_id = 123456789012
            sso_role_name = Reader
            [sso-session corp]
            sso_region = eu-west-1
            sso_start_url = https://example.awsapps.com/start

            """
        try TemporaryFolder.write(config, to: home.appending(".aws/config").string)
        let cache = SSOTokenCache(folder: home.appending(".aws/sso/cache"))
        let end = Timestamp.string(Recorded.date.addingTimeInterval(left))
        try TemporaryFolder.write(
            """
            {"accessToken":"old","expiresAt":"\(end)","refreshToken":"refresh","clientId":"client",
            "clientSecret":"hush","registrationExpiresAt":"2099-01-01T00:00:00Z"}
            """,
            to: cache.path(of: "corp").string
        )
        let chain = CredentialChain(
            environment: ["HOME": home.string],
            profile: "s",
            clientContext: world.clientContext()
        )
        return (chain, cache)
    }

    func tokensSent(_ world: Recorded) -> [String] {
        world.requests.flatMap { $0.headers.filter { $0.name == "x-amz-sso_bearer_token" }.map(\.value) }
    }

    @Test func `many at once refresh a session once`() async throws {
        let folder = try TemporaryFolder()
        let home = folder.path
        // One refresh, and credentials for everybody after it.
        let world = Recorded([.init(body: Self.grant)] + Array(repeating: .init(body: Self.role), count: 8))
        let (chain, cache) = try credentials(world, left: -1, in: home)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { _ = try await chain.credentials() } }
            try await group.waitForAll()
        }
        #expect(world.requests.filter { $0.url.hasSuffix("/token") }.count == 1)
        #expect(tokensSent(world) == Array(repeating: "fresh", count: 8))
        #expect(try cache.token(of: "corp").refreshToken?.reveal() == "next")
    }

    @Test(arguments: [(60, "old"), (-1, nil)] as [(Int, String?)])
    func `a folder that can't be written in costs no refresh token`(left: Int, sent: String?) async throws {
        let folder = try TemporaryFolder()
        let world = Recorded(.init(body: Self.role))
        let (chain, cache) = try credentials(world, left: TimeInterval(left), in: folder.path)
        // Root may write anywhere, but not open a folder as a file.
        let lock = cache.path(of: "corp").string.replacing(".json", with: ".lock")
        try FileManager.default.createDirectory(atPath: lock, withIntermediateDirectories: false)
        if sent == nil {
            await #expect(throws: CredentialError.self) { try await chain.credentials() }
        } else {
            _ = try await chain.credentials()
        }
        #expect(tokensSent(world) == (sent.map { [$0] } ?? []))
        #expect(!world.requests.contains { $0.url.hasSuffix("/token") })
    }

    @Test(arguments: [Recorded.Answer(fault: .timedOut), .init(status: 503), .init(body: "<html>")])
    func `a service that fails isn't a sign-in that is over`(answer: Recorded.Answer) async throws {
        let folder = try TemporaryFolder()
        let (chain, _) = try credentials(Recorded(answer), left: -1, in: folder.path)
        await #expect(throws: AWSError.self) { try await chain.credentials() }
    }

    @Test func `a session in force outlives a refresh that fails`() async throws {
        let folder = try TemporaryFolder()
        let world = Recorded(.init(status: 400, body: #"{"error":"invalid_grant"}"#), .init(body: Self.role))
        let (chain, _) = try credentials(world, left: 60, in: folder.path)
        _ = try await chain.credentials()
        #expect(tokensSent(world) == ["old"])
    }
}
