import AWSTestSupport
import BursarFoundation
import BursarHTTP
import BursarModel
import Testing

@testable import AWSAuth
@testable import AWSClients

struct CloudFormationClientTests {
    static let stack = "arn:aws:cloudformation:eu-central-1:123456789012:stack/bursar/1"
    static let changeSet = "arn:aws:cloudformation:eu-central-1:123456789012:changeSet/bursar-1/1"

    func client(_ world: Recorded, region: String = "eu-central-1") throws -> CloudFormationClient {
        try CloudFormationClient(
            region: region,
            credentials: StaticCredentials(.example),
            endpoints: EndpointResolver(environment: [:]),
            clientContext: world.clientContext()
        )
    }

    static func answer(_ operation: String, _ result: String) -> Recorded.Answer {
        .init(body: "<\(operation)Response><\(operation)Result>\(result)</\(operation)Result></\(operation)Response>")
    }

    static func refusal(_ code: String, _ message: String = "", status: Int = 400) -> Recorded.Answer {
        let error = "<Error><Code>\(code)</Code><Message>\(message)</Message></Error>"
        return .init(status: status, body: "<ErrorResponse>\(error)</ErrorResponse>")
    }

    static func events(_ ids: [Int], next: String?) -> Recorded.Answer {
        let members = ids.map {
            "<member><EventId>\($0)</EventId><LogicalResourceId>R\($0)</LogicalResourceId>"
                + "<ResourceStatus>CREATE_FAILED</ResourceStatus><ResourceType>AWS::IAM::Role</ResourceType>"
                + "<Timestamp>2026-01-02T03:04:05.678Z</Timestamp></member>"
        }
        let token = next.map { "<NextToken>\($0)</NextToken>" } ?? ""
        return answer("DescribeStackEvents", "<StackEvents>\(members.joined())</StackEvents>\(token)")
    }

    func body(_ world: Recorded, _ index: Int = 0) throws -> String {
        String(decoding: try #require(world.requests[index].body), as: UTF8.self)
    }

    @Test func `a change set is asked for as CloudFormation's query protocol has it`() async throws {
        let ids = "<Id>\(Self.changeSet)</Id><StackId>\(Self.stack)</StackId>"
        let world = Recorded(Self.answer("CreateChangeSet", ids))
        let change = NewChangeSet(
            name: "bursar-1",
            stack: "bursar",
            kind: .create,
            template: "{}",
            tags: [CloudFormationTag("bursar", "stack")],
            capabilities: ["CAPABILITY_IAM"]
        )
        let made = try await client(world).createChangeSet(change)
        #expect(made.changeSet == Self.changeSet && made.stack == Self.stack)
        #expect(world.requests[0].url == "https://cloudformation.eu-central-1.amazonaws.com/")
        let expected =
            "Action=CreateChangeSet&Version=2010-05-15&StackName=bursar&ChangeSetName=bursar-1&ChangeSetType=CREATE"
            + "&TemplateBody=%7B%7D&ClientToken=bursar-1&Capabilities.member.1=CAPABILITY_IAM"
            + "&Tags.member.1.Key=bursar&Tags.member.1.Value=stack"
        #expect(try body(world) == expected)
    }

    @Test func `a repeated execution carries the same token`() async throws {
        let world = Recorded(
            .init(fault: .timedOut),
            .init(body: "<ExecuteChangeSetResponse><ExecuteChangeSetResult/></ExecuteChangeSetResponse>")
        )
        try await client(world).executeChangeSet(Self.changeSet, token: "token-1")
        #expect(world.requests.count == 2)
        #expect(try body(world, 0) == body(world, 1))
        #expect(try body(world).contains("&ClientRequestToken=token-1&RetainExceptOnCreate=true"))
    }

    @Test func `a stack that isn't there is none, and any other refusal is one`() async throws {
        let gone = Recorded(Self.refusal("ValidationError", "Stack with id bursar does not exist"))
        #expect(try await client(gone).stack("bursar") == nil)
        let other = Recorded(Self.refusal("ValidationError", "Template format error"))
        await #expect(throws: AWSError.self) { try await client(other).stack("bursar") }
    }

    @Test func `events come oldest first, as far back as they are not known`() async throws {
        let world = Recorded(Self.events([9, 8], next: "a"), Self.events([7, 6], next: "b"))
        let events = try await client(world).events(ofStack: Self.stack, after: "6")
        #expect(events.map(\.id) == ["7", "8", "9"])
        #expect(events[0].date == Timestamp.date("2026-01-02T03:04:05.678Z"))
        #expect(try body(world, 1).hasSuffix("&NextToken=a"))
    }

    @Test func `pages that never end are given up`() async throws {
        let same = Recorded(repeating: Self.events([1], next: "a"), count: 3)
        await #expect(throws: AWSError.self) { try await client(same).events(ofStack: "bursar") }
        #expect(same.requests.count == 2)
        let many = Recorded((0..<200).map { Self.events([$0], next: "t\($0)") })
        await #expect(throws: AWSError.self) { try await client(many).events(ofStack: "bursar") }
        #expect(many.requests.count == CloudFormationClient.mostPages)
    }

    @Test(arguments: [
        ("The submitted information didn't contain changes. Submit different information.", true),
        ("No updates are to be performed.", true),
        ("Template error: a resource is missing", false),
    ])
    func `a change set without changes has failed, in words`(reason: String, isEmpty: Bool) async throws {
        let parts =
            "<ChangeSetId>\(Self.changeSet)</ChangeSetId><ChangeSetName>bursar-1</ChangeSetName>"
            + "<StackId>\(Self.stack)</StackId><Status>FAILED</Status><StatusReason>\(reason)</StatusReason>"
        let changeSet = try await client(Recorded(Self.answer("DescribeChangeSet", parts))).changeSet(Self.changeSet)
        #expect(changeSet.isEmpty == isEmpty && changeSet.changes.isEmpty)
    }

    @Test(arguments: [
        "", "1bursar", "bur sar", "bursar&Action=DeleteStack", String(repeating: "b", count: 129), "arn:x",
    ])
    func `what is no stack's name is not sent`(name: String) async throws {
        let world = Recorded()
        await #expect(throws: AWSError.invalidParameter(service: .cloudFormation, field: "StackName")) {
            try await client(world).stack(name)
        }
        #expect(world.requests.isEmpty)
    }

    @Test func `a template that is too long for a call is not sent`() async throws {
        let world = Recorded()
        let long = String(repeating: " ", count: 51_201)
        let change = NewChangeSet(name: "bursar-1", stack: "bursar", kind: .update, template: long)
        await #expect(throws: AWSError.invalidParameter(service: .cloudFormation, field: "TemplateBody")) {
            try await client(world).createChangeSet(change)
        }
        #expect(world.requests.isEmpty)
    }

    @Test(arguments: [
        ("REVIEW_IN_PROGRESS", false, false, false), ("CREATE_COMPLETE", false, true, true),
        ("ROLLBACK_COMPLETE", false, false, false), ("UPDATE_ROLLBACK_COMPLETE", false, true, false),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", true, false, false), ("DELETE_FAILED", false, false, false),
    ])
    func `a status says what can be done`(word: String, isBusy: Bool, isUpdatable: Bool, isSuccess: Bool) {
        let status = StackStatus(rawValue: word)
        #expect(status.isInProgress == isBusy)
        #expect(status.isUpdatable == isUpdatable)
        #expect(status.isSuccess == isSuccess)
    }

    @Test func `what is gone already is deleted`() async throws {
        let endpoints = EndpointResolver(environment: [:])
        let credentials = StaticCredentials(.example)
        let volume = Recorded(
            .init(
                status: 400,
                body: "<Response><Errors><Error><Code>InvalidVolume.NotFound</Code></Error></Errors></Response>"
            )
        )
        try await EC2Client(
            region: "eu-central-1",
            credentials: credentials,
            endpoints: endpoints,
            clientContext: volume.clientContext()
        ).deleteVolume("vol-0123456789abcdef0")
        #expect(try body(volume) == "Action=DeleteVolume&Version=2016-11-15&VolumeId=vol-0123456789abcdef0")

        let group = Recorded(.init(status: 400, body: #"{"__type":"ResourceNotFoundException"}"#))
        try await LogsClient(
            region: "eu-central-1",
            credentials: credentials,
            endpoints: endpoints,
            clientContext: group.clientContext()
        ).deleteLogGroup("bursar-LogGroup-1")
        #expect(try body(group) == #"{"logGroupName":"bursar-LogGroup-1"}"#)
        #expect(group.requests[0].headers.contains { $0.value == "Logs_20140328.DeleteLogGroup" })
    }
}
