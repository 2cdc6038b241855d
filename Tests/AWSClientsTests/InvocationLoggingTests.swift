import AWSTestSupport
import BursarFoundation
import BursarHTTP
import Testing

@testable import AWSAuth
@testable import AWSClients

/// Bedrock's logging configuration, and profiles by name.
///
/// The bodies are held to botocore's model where moto plays AWS.
struct InvocationLoggingTests {
    private static let role = "arn:aws:iam::123456789012:role/bursar-invocation-logging"
    private static let path = "https://bedrock.us-east-1.amazonaws.com/logging/modelinvocations"

    private func client(_ world: Recorded) throws -> BedrockClient {
        try BedrockClient(
            region: "us-east-1",
            credentials: StaticCredentials(.example),
            endpoints: EndpointResolver(environment: [:]),
            clientContext: world.clientContext()
        )
    }

    @Test(arguments: ["{}", #"{"loggingConfig":null}"#, #"{"loggingConfig":{}}"#])
    func `without a target logging is off`(body: String) async throws {
        let world = Recorded(.init(body: body))
        #expect(try await client(world).invocationLogging() == nil)
        #expect(world.requests.first?.url == Self.path && world.requests.first?.method == .get)
    }

    @Test func `a flag that is missing counts as on`() async throws {
        let world = Recorded(
            .init(
                body: """
                    {"loggingConfig":{"cloudWatchConfig":{"logGroupName":"/g","roleArn":"\(Self.role)",
                    "largeDataDeliveryS3Config":{"bucketName":"large"}},"s3Config":{"bucketName":"b","keyPrefix":"p"},
                    "textDataDeliveryEnabled":false,"imageDataDeliveryEnabled":true,"newDataDeliveryEnabled":true,
                    "embeddingDataDeliveryEnabled":false,"videoDataDeliveryEnabled":null}}
                    """
            )
        )
        let found = try #require(try await client(world).invocationLogging())
        #expect(found.logGroup == .init(name: "/g", roleARN: Self.role, largeBodies: .init(name: "large")))
        #expect(found.bucket == .init(name: "b", prefix: "p"))
        #expect(found.bodies == [.image, .video, .audio])
    }

    @Test func `all five flags are sent`() async throws {
        let world = Recorded(.init(body: "{}"))
        try await client(world).putInvocationLogging(
            InvocationLogging(logGroup: .init(name: "/g", roleARN: Self.role), bodies: [.audio])
        )
        let request = try #require(world.requests.first)
        #expect(request.method == .put && request.url == Self.path)
        let body = try #require(request.body)
        struct Sent: Decodable {
            struct Configuration: Decodable {
                let cloudWatchConfig: [String: String]
                let textDataDeliveryEnabled: Bool
                let imageDataDeliveryEnabled: Bool
                let embeddingDataDeliveryEnabled: Bool
                let videoDataDeliveryEnabled: Bool
                let audioDataDeliveryEnabled: Bool
            }
            let loggingConfig: Configuration
        }
        let sent = try JSONDecoder().decode(Sent.self, from: body).loggingConfig
        #expect(sent.cloudWatchConfig == ["logGroupName": "/g", "roleArn": Self.role])
        #expect(!sent.textDataDeliveryEnabled && !sent.imageDataDeliveryEnabled && !sent.embeddingDataDeliveryEnabled)
        #expect(!sent.videoDataDeliveryEnabled && sent.audioDataDeliveryEnabled)
    }

    @Test(arguments: [("a b", role, "logGroupName"), ("/g", "bursar", "roleArn")])
    func `what Bedrock would refuse isn't sent`(group: String, role: String, field: String) async throws {
        await #expect(throws: AWSError.invalidParameter(service: .bedrock, field: field)) {
            try await client(Recorded()).putInvocationLogging(
                InvocationLogging(logGroup: .init(name: group, roleARN: role))
            )
        }
    }

    @Test func `logging is switched off by a DELETE`() async throws {
        let world = Recorded(.init(body: "{}"))
        try await client(world).deleteInvocationLogging()
        #expect(world.requests.first?.method == .delete && world.requests.first?.url == Self.path)
    }

    @Test func `a profile is found by its ARN, or isn't there`() async throws {
        let arn = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2"
        let profile = """
            {"inferenceProfileName":"n","inferenceProfileArn":"\(arn)","inferenceProfileId":"a1b2","type":"APPLICATION",
            "models":[{"modelArn":"arn:aws:bedrock:us-east-1::foundation-model/a.b"}],"status":"ACTIVE"}
            """
        let world = Recorded(
            .init(body: profile),
            .init(status: 404, headers: [("x-amzn-ErrorType", "ResourceNotFoundException")], body: "{}")
        )
        let client = try client(world)
        #expect(
            try await client.inferenceProfile(arn)?.modelARNs == ["arn:aws:bedrock:us-east-1::foundation-model/a.b"]
        )
        #expect(try await client.inferenceProfile("us.a.b") == nil)
        #expect(world.requests[0].url.hasSuffix("/inference-profiles/\(PercentEncoding.encode(arn))"))
        await #expect(throws: AWSError.invalidParameter(service: .bedrock, field: "inferenceProfileIdentifier")) {
            try await client.inferenceProfile("a b")
        }
    }
}

/// Log groups and the pages of their events.
struct LogGroupTests {
    private func client(_ world: Recorded) throws -> LogsClient {
        try LogsClient(
            region: "us-east-1",
            credentials: StaticCredentials(.example),
            endpoints: EndpointResolver(environment: [:]),
            clientContext: world.clientContext()
        )
    }

    private func body(_ request: HTTPClientRequest?) throws -> String {
        String(decoding: try #require(request?.body), as: UTF8.self)
    }

    @Test func `a group is found by its whole name, page after page`() async throws {
        let world = Recorded(
            .init(body: #"{"logGroups":[{"logGroupName":"/g-2","logGroupClass":"DELIVERY"}],"nextToken":"t"}"#),
            .init(body: #"{"logGroups":[{"logGroupName":"/g","retentionInDays":30}],"nextToken":"u"}"#)
        )
        let group = try await client(world).logGroup("/g")
        #expect(group == LogGroup(name: "/g", retention: 30))
        #expect(try body(world.requests.last).contains(#""nextToken":"t""#))
    }

    @Test func `a group that isn't there is none, also when a page comes again`() async throws {
        #expect(try await client(Recorded(.init(body: "{}"))).logGroup("/g") == nil)
        let again = Recorded(repeating: .init(body: #"{"logGroups":[],"nextToken":"t"}"#), count: 5)
        #expect(try await client(again).logGroup("/g") == nil)
        #expect(again.requests.count == 2)
    }

    @Test func `a group is made of class STANDARD, once`() async throws {
        let exists = Recorded.Answer(
            status: 400,
            headers: [("x-amzn-ErrorType", "ResourceAlreadyExistsException")],
            body: "{}"
        )
        let world = Recorded(.init(body: ""), exists)
        try await client(world).createLogGroup("/g")
        try await client(world).createLogGroup("/g")
        #expect(try body(world.requests.first).contains(#""logGroupClass":"STANDARD""#))
        #expect(world.requests.first?.headers.contains { $0.value == "Logs_20140328.CreateLogGroup" } == true)
    }

    @Test(arguments: [("/g", 2, "retentionInDays"), ("a b", 90, "logGroupName")])
    func `what CloudWatch Logs would refuse isn't sent`(group: String, days: Int, field: String) async throws {
        await #expect(throws: AWSError.invalidParameter(service: .logs, field: field)) {
            try await client(Recorded()).putRetention(ofGroup: group, days: days)
        }
    }

    @Test func `the end of a window is excluded, and a page may be empty`() async throws {
        let world = Recorded(
            .init(body: #"{"events":[],"nextToken":"t"}"#),
            .init(
                body:
                    #"{"events":[{"logStreamName":"s","timestamp":5,"message":"{}","ingestionTime":7,"eventId":"1"}]}"#
            )
        )
        let client = try client(world)
        #expect(try await client.events(of: "/g", in: 5..<10, after: nil) == LogEventPage(events: [], next: "t"))
        #expect(try body(world.requests.first).contains(#""endTime":9"#))
        let page = try await client.events(of: "/g", in: 5..<10, after: "t")
        #expect(page.next == nil)
        #expect(page.events == [LogEvent(stream: "s", time: 5, ingestionTime: 7, message: "{}")])
        #expect(try await client.events(of: "/g", in: 5..<5, after: nil).events.isEmpty)
        #expect(world.requests.count == 2)
    }
}
