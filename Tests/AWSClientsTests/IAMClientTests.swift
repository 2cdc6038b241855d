import AWSTestSupport
import BursarFoundation
import BursarHTTP
import BursarModel
import Testing

@testable import AWSAuth
@testable import AWSClients

struct IAMClientTests {
    static let user = "payments-bedrock-user"

    func client(_ world: Recorded, region: String = "eu-central-1") throws -> IAMClient {
        try IAMClient(
            region: region,
            credentials: StaticCredentials(.example),
            endpoints: EndpointResolver(environment: [:]),
            clientContext: world.clientContext()
        )
    }

    static func refusal(_ code: String, status: Int = 409) -> Recorded.Answer {
        .init(status: status, body: "<ErrorResponse><Error><Code>\(code)</Code></Error></ErrorResponse>")
    }

    static func users(_ names: [String], marker: String?) -> Recorded.Answer {
        let members = names.map { "<member><UserName>\($0)</UserName><Arn>arn:aws:iam::1:user/\($0)</Arn></member>" }
        let end = marker.map { "<IsTruncated>true</IsTruncated><Marker>\($0)</Marker>" }
        return .init(
            body: "<ListUsersResponse><ListUsersResult><Users>\(members.joined())</Users>"
                + (end ?? "<IsTruncated>false</IsTruncated>") + "</ListUsersResult></ListUsersResponse>"
        )
    }

    static let newKey = """
        <CreateAccessKeyResponse><CreateAccessKeyResult><AccessKey><UserName>payments-bedrock-user</UserName>
        <AccessKeyId>AKIAIOSFODNN7EXAMPLE</AccessKeyId><Status>Active</Status>
        <SecretAccessKey>wJalrXUtnFEMI/K7MDENG</SecretAccessKey><CreateDate>2026-01-02T03:04:05Z</CreateDate>
        </AccessKey></CreateAccessKeyResult></CreateAccessKeyResponse>
        """

    func body(_ world: Recorded, _ index: Int = 0) throws -> String {
        String(decoding: try #require(world.requests[index].body), as: UTF8.self)
    }

    @Test(arguments: [
        ("eu-central-1", "https://iam.amazonaws.com/", "us-east-1"),
        ("us-gov-east-1", "https://iam.us-gov.amazonaws.com/", "us-gov-west-1"),
        ("cn-northwest-1", "https://iam.cn-north-1.amazonaws.com.cn/", "cn-north-1"),
    ])
    func `there is one endpoint per partition, signed for its home`(region: String, url: String, home: String)
        async throws
    {
        let world = Recorded(Self.users([], marker: nil))
        _ = try await client(world, region: region).users()
        #expect(world.requests.first?.url == url)
        let authorization = world.requests.first?.headers.first { $0.name == "Authorization" }
        #expect(authorization?.value.contains("/\(home)/iam/aws4_request") == true)
    }

    @Test func `a user is made with its tags`() async throws {
        let world = Recorded(
            .init(
                body: "<CreateUserResponse><CreateUserResult><User><UserName>\(Self.user)</UserName>"
                    + "<Arn>arn:aws:iam::1:user/x</Arn><CreateDate>2026-01-02T03:04:05Z</CreateDate></User>"
                    + "</CreateUserResult></CreateUserResponse>"
            )
        )
        let tags = [IAMTag(key: "owner", value: "ada@example.edu"), IAMTag(key: "purpose", value: "")]
        let user = try await client(world).createUser(Self.user, tags: tags)
        #expect(user.created == Recorded.date)
        #expect(
            try body(world)
                == "Action=CreateUser&Version=2010-05-08&UserName=payments-bedrock-user&Tags.member.1.Key=owner"
                + "&Tags.member.1.Value=ada%40example.edu&Tags.member.2.Key=purpose&Tags.member.2.Value="
        )
    }

    @Test func `a listing is read to its last page`() async throws {
        let world = Recorded(Self.users(["a", "b"], marker: "m/1="), Self.users(["c"], marker: nil))
        #expect(try await client(world).users().map(\.name) == ["a", "b", "c"])
        #expect(try body(world, 1).hasSuffix("&Marker=m%2F1%3D"))
    }

    @Test func `pages that lead nowhere, or never end, are an error`() async throws {
        let same = Recorded(repeating: Self.users(["a"], marker: "m"), count: 5)
        await #expect(throws: AWSError.self) { try await client(same).users() }
        #expect(same.requests.count == 2)
        let endless = Recorded((0..<200).map { Self.users(["a"], marker: "m\($0)") })
        await #expect(throws: AWSError.self) { try await client(endless).users() }
        #expect(endless.requests.count == IAMClient.mostPages)
    }

    @Test func `what isn't there is nil, and what can't be asked is an error`() async throws {
        #expect(try await client(Recorded(Self.refusal("NoSuchEntity", status: 404))).user(Self.user) == nil)
        #expect(try await client(Recorded(Self.refusal("NoSuchEntity", status: 404))).role("bedrock") == nil)
        let denied = Recorded(Self.refusal("AccessDenied", status: 403))
        let error = await #expect(throws: AWSError.self) { try await client(denied).user(Self.user) }
        guard case .refused(let refusal) = error else {
            Issue.record("not a refusal")
            return
        }
        #expect(refusal.isDenied && refusal.operation == "GetUser")
    }

    @Test func `a new key's secret is read, and doesn't print`() async throws {
        let key = try await client(Recorded(.init(body: Self.newKey))).createAccessKey(user: Self.user)
        #expect(key.id == "AKIAIOSFODNN7EXAMPLE")
        #expect(key.secret.reveal() == "wJalrXUtnFEMI/K7MDENG")
        #expect(!String(reflecting: key).contains("wJalr"))
        let hostile = Self.newKey.replacing("wJalr", with: "w\nJ")
        await #expect(throws: AWSError.self) {
            try await client(Recorded(.init(body: hostile))).createAccessKey(user: Self.user)
        }
    }

    @Test func `a key is asked for again when AWS wants fewer calls, never when no answer came`() async throws {
        let busy = Recorded(Self.refusal("Throttling", status: 400), .init(body: Self.newKey))
        _ = try await client(busy).createAccessKey(user: Self.user)
        #expect(busy.requests.count == 2 && busy.waited == [.seconds(1)])
        let lost = Recorded(.init(fault: .timedOut), .init(body: Self.newKey))
        await #expect(throws: AWSError.self) { try await client(lost).createAccessKey(user: Self.user) }
        #expect(lost.requests.count == 1)
        let full = Recorded(Self.refusal("LimitExceeded"), .init(body: Self.newKey))
        await #expect(throws: AWSError.self) { try await client(full).createAccessKey(user: Self.user) }
        #expect(full.requests.count == 1)
    }

    @Test(arguments: [
        (
            "<LastUsedDate>2026-01-02T03:04:05Z</LastUsedDate><ServiceName>bedrock</ServiceName><Region>us-east-1</Region>",
            true
        ),
        ("<ServiceName>N/A</ServiceName><Region>N/A</Region>", false),
    ])
    func `a key's last use differs from none`(parts: String, isUsed: Bool) async throws {
        let body = """
            <GetAccessKeyLastUsedResponse><GetAccessKeyLastUsedResult><UserName>u</UserName><AccessKeyLastUsed>\(parts)
            </AccessKeyLastUsed></GetAccessKeyLastUsedResult></GetAccessKeyLastUsedResponse>
            """
        let use = try await client(Recorded(.init(body: body))).lastUse(ofAccessKey: "AKIAIOSFODNN7EXAMPLE")
        #expect(use.date == (isUsed ? Recorded.date : nil))
        #expect(use.service == (isUsed ? "bedrock" : nil))
    }

    @Test func `a role's policy comes back as JSON`() async throws {
        let body = """
            <GetRolePolicyResponse><GetRolePolicyResult><RoleName>bedrock</RoleName><PolicyName>p</PolicyName>
            <PolicyDocument>%7B%22Version%22%3A%222012-10-17%22%7D</PolicyDocument></GetRolePolicyResult>
            </GetRolePolicyResponse>
            """
        let document = try await client(Recorded(.init(body: body))).policy("p", of: .role("bedrock"))
        #expect(document == #"{"Version":"2012-10-17"}"#)
    }

    @Test func `what IAM would refuse isn't sent`() async throws {
        let world = Recorded()
        let client = try client(world)
        let long = String(repeating: "x", count: 2049)
        func field(_ body: () async throws -> Void) async -> String? {
            do {
                try await body()
            } catch AWSError.invalidParameter(.iam, let field) {
                return field
            } catch {}
            return nil
        }
        #expect(await field { _ = try await client.user("a b") } == "UserName")
        #expect(await field { _ = try await client.role("") } == "RoleName")
        #expect(await field { try await client.putPolicy("p", document: long, of: .user("u")) } == "PolicyDocument")
        #expect(await field { try await client.putPolicy("p/", document: "{}", of: .role("r")) } == "PolicyName")
        #expect(await field { try await client.attachPolicy(arn: "full", to: .user("u")) } == "PolicyArn")
        #expect(await field { try await client.deleteAccessKey("AKIA", user: "u") } == "AccessKeyId")
        #expect(await field { try await client.tagUser("u", [.init(key: "", value: "")]) } == "Tags")
        #expect(world.requests.isEmpty)
    }
}
