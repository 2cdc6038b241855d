import AWSTestSupport
import BursarFoundation
import BursarHTTP
import BursarModel
import Subprocess
import SystemPackage
import TestSupport
import Testing

@testable import AWSAuth
@testable import AWSClients

/// IAM's calls as moto understands them, its authentication on.
@Suite(.enabled(if: Peer.isThere), .serialized)
struct IAMMotoTests {
    private struct Account: Decodable {
        struct Key: Decodable {
            let id: String
            let secret: String
        }
        let `operator`: Key
    }

    private func withIAM(_ body: (IAMClient) async throws -> Void) async throws {
        let script = Checkout.root + "Tests/AdminTests/Peers/moto_iam.py"
        try await ChildServer.run(.path(FilePath(Peer.python)), [script]) { server in
            var lines = server.lines.makeAsyncIterator()
            let line = try #require(await lines.next())
            let key = try JSONDecoder().decode(Account.self, from: Data(line.utf8)).operator
            let credentials = AWSCredentials(accessKeyID: key.id, secretAccessKey: Secret(key.secret))
            try await body(
                IAMClient(
                    region: "eu-central-1",
                    credentials: StaticCredentials(credentials),
                    endpoints: EndpointResolver(environment: ["AWS_ENDPOINT_URL": server.url]),
                    clientContext: AWSClientContext(transport: HTTPTransport(), now: { Date() })
                )
            )
        }
    }

    private static let document =
        #"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#

    @Test func `a user, its tags, policies and keys come and go`() async throws {
        try await withIAM { iam in
            #expect(try await iam.user("ada") == nil)
            let made = try await iam.createUser("ada", tags: [.init(key: "owner", value: "a b@example.edu")])
            #expect(try await iam.user("ada")?.arn == made.arn)
            try await iam.tagUser("ada", [.init(key: "purpose", value: "bedrock")])
            #expect(try await Set(iam.tags(ofUser: "ada").map(\.value)) == ["a b@example.edu", "bedrock"])
            #expect(try await iam.users().contains { $0.name == "ada" })

            try await iam.putPolicy("p", document: Self.document, of: .user("ada"))
            #expect(try await iam.policies(of: .user("ada")) == ["p"])
            let full = "arn:aws:iam::aws:policy/AmazonBedrockFullAccess"
            try await iam.attachPolicy(arn: full, to: .user("ada"))
            #expect(try await iam.attachedPolicies(of: .user("ada")).map(\.arn) == [full])

            let key = try await iam.createAccessKey(user: "ada")
            try await iam.updateAccessKey(key.id, user: "ada", isActive: false)
            let keys = try await iam.accessKeys(user: "ada")
            #expect(keys.map(\.id) == [key.id] && keys.map(\.isActive) == [false])
            #expect(try await iam.lastUse(ofAccessKey: key.id).date == nil)

            try await iam.deleteAccessKey(key.id, user: "ada")
            try await iam.deletePolicy("p", of: .user("ada"))
            try await iam.detachPolicy(arn: full, from: .user("ada"))
            try await iam.deleteUser("ada")
            #expect(try await iam.user("ada") == nil)
        }
    }

    @Test func `a role's inline policies are written, read and taken away`() async throws {
        try await withIAM { iam in
            #expect(try await iam.role("nobody") == nil)
            let role = try #require(try await iam.role("sessions"))
            #expect(role.longestSession == .seconds(7200) && role.trustPolicy?.contains("sts:AssumeRole") == true)
            try await iam.putPolicy("bursar-end-ada", document: Self.document, of: .role("sessions"))
            #expect(try await iam.policies(of: .role("sessions")) == ["bursar-end-ada"])
            #expect(try await iam.policy("bursar-end-ada", of: .role("sessions"))?.contains("Deny") == true)
            try await iam.deletePolicy("bursar-end-ada", of: .role("sessions"))
            #expect(try await iam.policy("bursar-end-ada", of: .role("sessions")) == nil)
        }
    }
}
