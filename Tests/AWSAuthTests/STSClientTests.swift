import AWSTestSupport
import BursarFoundation
import BursarHTTP
import BursarModel
import Testing

@testable import AWSAuth

struct STSClientTests {
    static let roleARN = "arn:aws:iam::123456789012:role/bedrock"
    static let assumed = """
        <AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
        <SourceIdentity>ada</SourceIdentity><AssumedRoleUser><AssumedRoleId>AROAEXAMPLE:ada</AssumedRoleId>
        <Arn>arn:aws:sts::123456789012:assumed-role/bedrock/ada</Arn></AssumedRoleUser>
        <Credentials><AccessKeyId>ASIAEXAMPLEEXAMPLE00</AccessKeyId><SecretAccessKey>secret/key/of/a/session</SecretAccessKey>
        <SessionToken>token/of/a/session==</SessionToken><Expiration>2026-01-02T04:04:05.5Z</Expiration></Credentials>
        <PackedPolicySize>6</PackedPolicySize></AssumeRoleResult>
        <ResponseMetadata><RequestId>c6104cbe</RequestId></ResponseMetadata></AssumeRoleResponse>
        """

    func client(_ world: Recorded, environment: [String: String] = [:]) throws -> STSClient {
        try STSClient(
            region: "eu-central-1",
            credentials: StaticCredentials(.example),
            endpoints: EndpointResolver(environment: environment),
            clientContext: world.clientContext()
        )
    }

    @Test func `assume role sends every parameter, form-encoded`() async throws {
        let world = Recorded(.init(body: Self.assumed))
        _ = try await client(world).assumeRole(
            AssumeRoleRequest(
                roleARN: Self.roleARN,
                sessionName: "ada+x@y",
                duration: .seconds(900),
                externalID: "ext:1/2",
                policy: #"{"a": "~ü"}"#,
                tags: [.init(key: "key", value: "a b"), .init(key: "project", value: "")],
                transitiveTagKeys: ["key"],
                sourceIdentity: "ada"
            )
        )
        let request = try #require(world.requests.first)
        #expect(request.url == "https://sts.eu-central-1.amazonaws.com/")
        #expect(request.method == .post)
        #expect(
            String(decoding: try #require(request.body), as: UTF8.self)
                == "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fbedrock"
                + "&RoleSessionName=ada%2Bx%40y&DurationSeconds=900&ExternalId=ext%3A1%2F2"
                + "&Policy=%7B%22a%22%3A+%22~%C3%BC%22%7D&SourceIdentity=ada&Tags.member.1.Key=key"
                + "&Tags.member.1.Value=a+b&Tags.member.2.Key=project&Tags.member.2.Value="
                + "&TransitiveTagKeys.member.1=key"
        )
        let authorization = try #require(request.headers.first { $0.name == "Authorization" }).value
        #expect(authorization.contains("/20260102/eu-central-1/sts/aws4_request, "))
        #expect(authorization.contains("SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, "))
    }

    @Test func `a role session carries all that STS grants`() async throws {
        let role = try await client(Recorded(.init(body: Self.assumed)))
            .assumeRole(AssumeRoleRequest(roleARN: Self.roleARN, sessionName: "ada"))
        #expect(role.credentials.accessKeyID == "ASIAEXAMPLEEXAMPLE00")
        #expect(role.credentials.secretAccessKey.reveal() == "secret/key/of/a/session")
        #expect(role.credentials.expiration == Date(timeIntervalSince1970: 1_767_326_645.5))
        #expect(role.assumedRoleID == "AROAEXAMPLE:ada")
        #expect(role.packedPolicySize == 6)
        #expect(role.sourceIdentity == "ada")
    }

    @Test func `the caller's identity is read`() async throws {
        let body = """
            <GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::1:user/a</Arn><UserId>AIDA</UserId>
            <Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>
            """
        let identity = try await client(Recorded(.init(body: body))).callerIdentity()
        #expect(identity.account == "123456789012")
        #expect(identity.userID == "AIDA")
    }

    @Test func `a refusal names code, status and request id`() async throws {
        let body = """
            <ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User: arn:aws:iam::1:user/a
            is not authorized</Message></Error><RequestId>r-1</RequestId></ErrorResponse>
            """
        let error = await #expect(throws: AWSError.self) {
            try await client(Recorded(.init(status: 403, body: body))).callerIdentity()
        }
        guard case .refused(let refusal) = error else {
            Issue.record("not a refusal")
            return
        }
        #expect(refusal.code == "AccessDenied")
        #expect(refusal.status == 403)
        #expect(refusal.requestID == "r-1")
        #expect(refusal.message == "User: arn:aws:iam::1:user/a is not authorized")
        #expect(error?.isRetryable == false)
    }

    @Test(arguments: ["SignatureDoesNotMatch", "AccessDenied"])
    func `no secret comes back in a refusal`(code: String) async throws {
        let secrets = [AWSCredentials.example.secretAccessKey, AWSCredentials.example.sessionToken].map {
            $0?.reveal() ?? ""
        }
        let body = "<ErrorResponse><Error><Code>\(code)</Code><Message>\(secrets[0]) \(secrets[1])</Message></Error>"
        let error = await #expect(throws: AWSError.self) {
            try await client(Recorded(.init(status: 403, body: body + "</ErrorResponse>"))).callerIdentity()
        }
        let shown = String(reflecting: error)
        #expect(shown.contains(code))
        #expect(!secrets.contains { shown.contains($0) })
    }

    @Test(arguments: [
        "", "<", "<a>", "not xml", "<AssumeRoleResponse/>", "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>",
        STSClientTests.assumed.replacing("<SessionToken>token/of/a/session==</SessionToken>", with: ""),
        STSClientTests.assumed.replacing("token/of", with: "token\nof"),
        STSClientTests.assumed.replacing("2026-01-02T04:04:05.5Z", with: "soon"),
    ])
    func `an answer that isn't what it should be is an error`(body: String) async throws {
        let error = await #expect(throws: AWSError.self) {
            try await client(Recorded(.init(headers: [("x-amzn-RequestId", "r")], body: body)))
                .assumeRole(AssumeRoleRequest(roleARN: Self.roleARN, sessionName: "ada"))
        }
        guard case .malformedResponse(.sts, 200, _?, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(arguments: [
        (AssumeRoleRequest(roleARN: "arn:aws:iam::1:user/a/b/c", sessionName: "ada"), "RoleArn"),
        (AssumeRoleRequest(roleARN: STSClientTests.roleARN, sessionName: "a"), "RoleSessionName"),
        (AssumeRoleRequest(roleARN: STSClientTests.roleARN, sessionName: "a b"), "RoleSessionName"),
        (
            AssumeRoleRequest(roleARN: STSClientTests.roleARN, sessionName: "ada", duration: .seconds(899)),
            "DurationSeconds"
        ),
        (
            AssumeRoleRequest(roleARN: STSClientTests.roleARN, sessionName: "ada", duration: .milliseconds(900_500)),
            "DurationSeconds"
        ),
        (AssumeRoleRequest(roleARN: STSClientTests.roleARN, sessionName: "ada", externalID: "x"), "ExternalId"),
        (AssumeRoleRequest(roleARN: STSClientTests.roleARN, sessionName: "ada", policy: ""), "Policy"),
        (
            AssumeRoleRequest(roleARN: STSClientTests.roleARN, sessionName: "ada", tags: [.init(key: "", value: "")]),
            "Tags"
        ),
        (AssumeRoleRequest(roleARN: STSClientTests.roleARN, sessionName: "ada", sourceIdentity: "ü"), "SourceIdentity"),
    ])
    func `what STS would refuse isn't sent`(request: AssumeRoleRequest, field: String) async throws {
        let world = Recorded()
        await #expect(throws: AWSError.invalidParameter(service: .sts, field: field)) {
            try await client(world).assumeRole(request)
        }
        #expect(world.requests.isEmpty)
    }
}
