import TestSupport
import Testing

@testable import AWSAuth
@testable import AWSClients

/// The role that Bedrock writes with, and the rights of those who switch logs on and read them.
@Suite struct InvocationLogPoliciesTests {
    private static let account = "123456789012"
    private static let role = InvocationLogRole(
        partition: .aws,
        account: account,
        regions: ["us-east-1", "eu-west-1"]
    )
    private static let stream = "log-stream:aws/bedrock/modelinvocations"

    @Test func `Bedrock of the account and the regions may assume it, and no other`() throws {
        let statement = try #require(Self.role.trust.statements.first)
        #expect(Self.role.trust.statements.count == 1)
        #expect(statement.principal == ["Service": ["bedrock.amazonaws.com"]])
        #expect(statement.action == ["sts:AssumeRole"])
        #expect(
            statement.condition == [
                "StringEquals": ["aws:SourceAccount": [Self.account]],
                "ArnLike": [
                    "aws:SourceArn": ["eu-west-1", "us-east-1"].map { "arn:aws:bedrock:\($0):\(Self.account):*" }
                ],
            ]
        )
    }

    @Test(arguments: [
        (
            "logs:PutLogEvents", "arn:aws:logs:us-east-1:123456789012:log-group:/bursar/model-invocations:\(stream)",
            true
        ),
        (
            "logs:CreateLogStream", "arn:aws:logs:eu-west-1:123456789012:log-group:/bursar/model-invocations:\(stream)",
            true
        ),
        (
            "logs:PutLogEvents", "arn:aws:logs:us-west-2:123456789012:log-group:/bursar/model-invocations:\(stream)",
            false
        ),
        ("logs:PutLogEvents", "arn:aws:logs:us-east-1:123456789012:log-group:other:\(stream)", false),
        (
            "logs:PutLogEvents", "arn:aws:logs:us-east-1:123456789012:log-group:/bursar/model-invocations:log-stream:x",
            false
        ),
        ("logs:FilterLogEvents", "arn:aws:logs:us-east-1:123456789012:log-group:/bursar/model-invocations:*", false),
    ])
    func `it may write one stream of one group in each region`(
        _ action: String,
        _ resource: String,
        _ isAllowed: Bool
    ) throws {
        let evaluator = try PolicyEvaluator(identity: [Self.role.rights.compact()])
        #expect(try (evaluator.decision(on: .init(action, on: resource)) == .allowed) == isAllowed)
    }

    @Test(arguments: Partition.allCases)
    func `its policies are read back, and fit for all regions of a partition`(_ partition: Partition) throws {
        let role = InvocationLogRole(partition: partition, account: Self.account, regions: partition.regions)
        let bare = InvocationLogRole(partition: partition, account: Self.account, regions: [])
        #expect(try bare.regions(inTrust: role.trust.compact()) == partition.regions)
        #expect(try bare.regions(inRights: role.rights.pretty()) == partition.regions)
        #expect(try role.trust.size() <= PolicyLimit.trust)
        #expect(try role.rights.size() <= PolicyLimit.inline)
        #expect(role.arn == "arn:\(partition.rawValue):iam::123456789012:role/bursar-invocation-logging")
    }

    @Test func `a text in place of a list, and another order, make no difference`() throws {
        let one = InvocationLogRole(partition: .aws, account: Self.account, regions: ["us-east-1"])
        let trust = #"""
            {"Statement":{"Action":"sts:AssumeRole","Condition":{"ArnLike":{"aws:SourceArn":
            "arn:aws:bedrock:us-east-1:123456789012:*"},"StringEquals":{"aws:SourceAccount":123456789012}},
            "Effect":"Allow","Principal":{"Service":"bedrock.amazonaws.com"}},"Version":"2012-10-17"}
            """#
        #expect(one.regions(inTrust: trust) == ["us-east-1"])
    }

    @Test(arguments: [
        ("", ""), ("us-east-1:123456789012:*", "us-east-1:210987654321:*"), (#""Allow""#, #""Deny""#),
        ("bedrock.amazonaws.com", "ec2.amazonaws.com"), ("sts:AssumeRole", "sts:*"), ("ArnLike", "ArnNotLike"),
        (#""aws:SourceAccount":["123456789012"]"#, #""aws:SourceAccount":["*"]"#),
        (#""Action""#, #""NotAction""#), ("{", "["),
    ])
    func `a trust policy that another wrote isn't taken for it`(_ part: String, _ changed: String) throws {
        let own = try Self.role.trust.compact()
        let foreign = part.isEmpty ? "{}" : own.replacing(part, with: changed)
        #expect(foreign != own)
        #expect(Self.role.regions(inTrust: foreign) == nil)
        #expect(Self.role.regions(inTrust: own) == Self.role.regions)
    }

    @Test func `a reader reads the named groups in the named regions, and looks models up`() throws {
        let policy = InvocationLogReaderPolicy(
            partition: .aws,
            account: Self.account,
            regions: ["us-east-1"],
            groups: [InvocationLogName.group, "/theirs"]
        )
        let evaluator = try PolicyEvaluator(identity: [PolicyDocument(policy.statements).compact()])
        func group(_ name: String, _ region: String = "us-east-1") -> String {
            "arn:aws:logs:\(region):123456789012:log-group:\(name):*"
        }
        for name in [InvocationLogName.group, "/theirs"] {
            #expect(try evaluator.decision(on: .init("logs:FilterLogEvents", on: group(name))) == .allowed)
        }
        for other in [group("/other"), group("/theirs", "us-west-2")] {
            #expect(try evaluator.decision(on: .init("logs:FilterLogEvents", on: other)) != .allowed)
        }
        let here = ["aws:RequestedRegion": ["us-east-1"]]
        for action in ["GetModelInvocationLoggingConfiguration", "ListFoundationModels", "GetInferenceProfile"] {
            #expect(try evaluator.decision(on: .init("bedrock:\(action)", on: "*", here)) == .allowed)
        }
        for action in ["bedrock:PutModelInvocationLoggingConfiguration", "bedrock:InvokeModel", "logs:PutLogEvents"] {
            #expect(try evaluator.decision(on: .init(action, on: "*", here)) != .allowed)
        }
    }

    // MARK: The operator

    private func evaluator(_ managesLogs: Bool, boundary: String? = nil) throws -> PolicyEvaluator {
        var policy = OperatorPolicy(partition: .aws, account: Self.account, region: "eu-central-1", stack: "other")
        policy.managesInvocationLogs = managesLogs
        policy.boundary = boundary
        #expect(try policy.document.size() <= PolicyLimit.managed)
        return try PolicyEvaluator(identity: [policy.document.compact()])
    }

    private static let ownRole = "arn:aws:iam::123456789012:role/bursar-invocation-logging"
    private static let group = "arn:aws:logs:us-west-2:123456789012:log-group:/bursar/model-invocations"

    @Test(arguments: [
        ("bedrock:GetModelInvocationLoggingConfiguration", "*"),
        ("bedrock:PutModelInvocationLoggingConfiguration", "*"),
        ("bedrock:DeleteModelInvocationLoggingConfiguration", "*"), ("logs:CreateLogGroup", group),
        ("logs:CreateLogGroup", group + ":log-stream:"), ("logs:PutRetentionPolicy", group + ":*"),
        ("logs:FilterLogEvents", group + ":*"), ("iam:CreateRole", ownRole), ("iam:GetRole", ownRole),
        ("iam:PutRolePolicy", ownRole), ("iam:GetRolePolicy", ownRole), ("iam:UpdateAssumeRolePolicy", ownRole),
    ])
    func `an operator gets the rights of setup only when they are asked for`(
        _ action: String,
        _ resource: String
    ) throws {
        let call = PolicyEvaluator.Call(action, on: resource)
        #expect(try evaluator(true).decision(on: call) == .allowed)
        #expect(try evaluator(false).decision(on: call) != .allowed)
    }

    @Test func `the role is passed to Bedrock alone, and others aren't touched`() throws {
        let evaluator = try self.evaluator(true)
        let toBedrock = ["iam:PassedToService": ["bedrock.amazonaws.com"]]
        #expect(try evaluator.decision(on: .init("iam:PassRole", on: Self.ownRole, toBedrock)) == .allowed)
        let toEC2 = ["iam:PassedToService": ["ec2.amazonaws.com"]]
        #expect(try evaluator.decision(on: .init("iam:PassRole", on: Self.ownRole, toEC2)) != .allowed)
        let admin = "arn:aws:iam::123456789012:role/admin"
        for action in ["iam:CreateRole", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:PassRole"] {
            #expect(try evaluator.decision(on: .init(action, on: admin, toBedrock)) != .allowed)
        }
        let other = "arn:aws:logs:us-west-2:123456789012:log-group:/bursar/other"
        #expect(try evaluator.decision(on: .init("logs:FilterLogEvents", on: other)) != .allowed)
    }

    @Test func `with a boundary the role gets rights only while it has it`() throws {
        let limit = "arn:aws:iam::123456789012:policy/limit"
        let evaluator = try self.evaluator(true, boundary: limit)
        for action in ["iam:CreateRole", "iam:PutRolePolicy"] {
            let bounded = ["iam:PermissionsBoundary": [limit]]
            #expect(try evaluator.decision(on: .init(action, on: Self.ownRole, bounded)) == .allowed)
            #expect(try evaluator.decision(on: .init(action, on: Self.ownRole)) != .allowed)
        }
        #expect(try evaluator.decision(on: .init("iam:UpdateAssumeRolePolicy", on: Self.ownRole)) == .allowed)
    }
}
