import TestSupport
import Testing

@testable import AWSAuth
@testable import AWSClients

/// The permissions of a person who makes stacks: on the stack's own resources, and on no others.
@Suite struct OperatorPolicyTests {
    private static let account = "123456789012"

    private func evaluator(_ stack: String = "bursar") throws -> PolicyEvaluator {
        var policy = OperatorPolicy(partition: .aws, account: Self.account, region: "eu-central-1", stack: stack)
        policy.otherRoles = ["arn:aws:iam::123456789012:role/team/engines"]
        return try PolicyEvaluator(identity: [policy.document.compact()])
    }

    private static let own = ["aws:ResourceTag/bursar": ["stack"]]
    private static let calls: [(action: String, resource: String, context: [String: [String]], isAllowed: Bool)] = [
        (
            "cloudformation:CreateChangeSet", "arn:aws:cloudformation:eu-central-1:123456789012:stack/bursar/1", [:],
            true
        ),
        ("cloudformation:DeleteStack", "arn:aws:cloudformation:eu-central-1:123456789012:stack/bursar/1", [:], true),
        ("cloudformation:DeleteStack", "arn:aws:cloudformation:eu-central-1:123456789012:stack/bursar-2/1", [:], false),
        ("cloudformation:DeleteStack", "arn:aws:cloudformation:us-east-1:123456789012:stack/bursar/1", [:], false),
        ("cloudformation:DescribeStackDriftDetectionStatus", "*", [:], true),
        ("iam:CreateRole", "arn:aws:iam::123456789012:role/bursar-BedrockRole-1ABC", [:], true),
        ("iam:PassRole", "arn:aws:iam::123456789012:role/bursar-ServerRole-1ABC", [:], true),
        ("iam:PassRole", "arn:aws:iam::123456789012:role/admin", [:], false),
        ("iam:CreateRole", "arn:aws:iam::123456789012:role/bursary", [:], false),
        ("iam:PutRolePolicy", "arn:aws:iam::123456789012:role/bursar-BedrockRole-1ABC", [:], true),
        ("iam:PutRolePolicy", "arn:aws:iam::123456789012:role/team/engines", [:], true),
        ("iam:AttachRolePolicy", "arn:aws:iam::123456789012:role/team/engines", [:], false),
        ("iam:PutRolePolicy", "arn:aws:iam::210987654321:role/bursar-BedrockRole-1ABC", [:], false),
        ("iam:CreatePolicyVersion", "arn:aws:iam::123456789012:policy/bursar-BedrockPolicy-1ABC", [:], true),
        ("iam:CreatePolicyVersion", "arn:aws:iam::123456789012:policy/other", [:], false),
        (
            "iam:AddRoleToInstanceProfile", "arn:aws:iam::123456789012:instance-profile/bursar-InstanceProfile-1", [:],
            true
        ),
        ("logs:PutRetentionPolicy", "arn:aws:logs:eu-central-1:123456789012:log-group:bursar-LogGroup-1", [:], true),
        ("logs:DeleteLogGroup", "arn:aws:logs:eu-central-1:123456789012:log-group:bursar-LogGroup-1:*", [:], true),
        ("logs:DeleteLogGroup", "arn:aws:logs:eu-central-1:123456789012:log-group:other", [:], false),
        ("ec2:CreateVolume", "arn:aws:ec2:eu-central-1:123456789012:volume/*", [:], true),
        ("ec2:DeleteVolume", "arn:aws:ec2:eu-central-1:123456789012:volume/vol-1", own, true),
        ("ec2:DeleteVolume", "arn:aws:ec2:eu-central-1:123456789012:volume/vol-1", [:], false),
        ("iam:CreateUser", "arn:aws:iam::123456789012:user/x", [:], false), ("iam:ListUsers", "*", [:], false),
        ("bedrock:InvokeModel", "arn:aws:bedrock:eu-central-1::foundation-model/a.b", [:], false),
        ("s3:GetObject", "arn:aws:s3:::b/k", [:], false), ("ec2:RunInstances", "*", [:], false),
        ("sts:AssumeRole", "arn:aws:iam::123456789012:role/bursar-BedrockRole-1ABC", [:], false),
    ]

    @Test(arguments: calls)
    func `an operator may change the stack's resources and no others`(
        _ action: String,
        _ resource: String,
        _ context: [String: [String]],
        _ isAllowed: Bool
    ) throws {
        let decision = try evaluator().decision(on: .init(action, on: resource, context))
        #expect((decision == .allowed) == isAllowed, "\(action) on \(resource)")
    }

    private static let limit = "arn:aws:iam::123456789012:policy/limit"
    private static let role = "arn:aws:iam::123456789012:role/bursar-BedrockRole-1ABC"
    private static let bounded = ["iam:PermissionsBoundary": [limit]]
    private static let otherwise = ["iam:PermissionsBoundary": ["arn:aws:iam::aws:policy/AdministratorAccess"]]

    /// Calls that give a role permissions, with the boundary that the role has, or that is set.
    @Test(arguments: [
        "iam:CreateRole", "iam:AttachRolePolicy", "iam:PutRolePolicy", "iam:PutRolePermissionsBoundary",
    ])
    func `with a boundary, a role gets permissions only while it has it`(_ action: String) throws {
        var policy = OperatorPolicy(partition: .aws, account: Self.account, region: "eu-central-1", stack: "bursar")
        policy.otherRoles = ["arn:aws:iam::123456789012:role/team/engines"]
        let open = try PolicyEvaluator(identity: [policy.document.compact()])
        policy.boundary = Self.limit
        let limited = try PolicyEvaluator(identity: [policy.document.compact()])
        for context in [[:], Self.bounded, Self.otherwise] {
            let call = PolicyEvaluator.Call(action, on: Self.role, context)
            #expect(try open.decision(on: call) == .allowed)
            #expect(try (limited.decision(on: call) == .allowed) == (context == Self.bounded), "\(call)")
        }
        let other = "arn:aws:iam::123456789012:role/team/engines"
        let mayEnd = action == "iam:PutRolePolicy"
        #expect(try (limited.decision(on: .init(action, on: other, Self.bounded)) == .allowed) == mayEnd)
        #expect(try limited.decision(on: .init(action, on: other)) != .allowed)
        #expect(try limited.decision(on: .init("iam:DeleteRolePolicy", on: other)) == .allowed)
    }

    /// The calls of the table above that give no role anything, and those that no boundary opens.
    @Test(arguments: calls)
    func `a boundary takes nothing else away, and adds nothing`(
        _ action: String,
        _ resource: String,
        _ context: [String: [String]],
        _ isAllowed: Bool
    ) throws {
        var policy = OperatorPolicy(partition: .aws, account: Self.account, region: "eu-central-1", stack: "bursar")
        policy.otherRoles = ["arn:aws:iam::123456789012:role/team/engines"]
        policy.boundary = Self.limit
        let evaluator = try PolicyEvaluator(identity: [policy.document.compact()])
        let context = context.merging(Self.bounded) { $1 }
        #expect(try (evaluator.decision(on: .init(action, on: resource, context)) == .allowed) == isAllowed)
    }

    @Test func `nobody removes the boundary that is required`() throws {
        var policy = OperatorPolicy(partition: .aws, account: Self.account, stack: "bursar")
        let removal = PolicyEvaluator.Call("iam:DeleteRolePermissionsBoundary", on: Self.role, Self.bounded)
        #expect(try PolicyEvaluator(identity: [policy.document.compact()]).decision(on: removal) == .allowed)
        policy.boundary = Self.limit
        #expect(try PolicyEvaluator(identity: [policy.document.compact()]).decision(on: removal) != .allowed)
    }

    @Test(arguments: [
        ("bursar", "bursar-limit", true), ("bursar", "bursar-x/limit", true), ("bursar", "limit", false),
        ("bursar", "bursary", false), ("bursar", "team/bursar-limit", false),
        (String(repeating: "s", count: 30), String(repeating: "s", count: 24), true),
        (String(repeating: "s", count: 30), String(repeating: "s", count: 23), false),
    ])
    func `a policy whose name begins as the stack's can be changed by an operator`(
        _ stack: String,
        _ name: String,
        _ isManaged: Bool
    ) throws {
        let policy = OperatorPolicy(partition: .aws, account: Self.account, stack: stack)
        #expect(policy.manages(policy: name) == isManaged)
        let change = PolicyEvaluator.Call("iam:CreatePolicyVersion", on: "arn:aws:iam::123456789012:policy/\(name)")
        let decision = try PolicyEvaluator(identity: [policy.document.compact()]).decision(on: change)
        #expect((decision == .allowed) == isManaged)
    }

    @Test func `a long stack's resources are found by the start of its name, as AWS cuts it`() throws {
        let stack = String(repeating: "s", count: 60)
        let role = "arn:aws:iam::123456789012:role/" + String(repeating: "s", count: 39) + "-BedrockRole-1ABCDEFGHIJK"
        #expect(try evaluator(stack).decision(on: .init("iam:CreateRole", on: role)) == .allowed)
    }

    @Test(arguments: Partition.allCases)
    func `it fits a managed policy in every partition`(partition: Partition) throws {
        var policy = OperatorPolicy(
            partition: partition,
            account: Self.account,
            stack: String(repeating: "s", count: 128)
        )
        policy.otherRoles = (1...3).map {
            "arn:aws-us-gov:iam::123456789012:role/\(String(repeating: "r", count: 60))\($0)"
        }
        for boundary in [nil, "arn:aws-us-gov:iam::123456789012:policy/\(String(repeating: "b", count: 128))"] {
            policy.boundary = boundary
            #expect(try policy.document.size() <= PolicyLimit.managed)
            #expect(try policy.document.compact().contains("arn:\(partition.rawValue):iam:"))
        }
    }
}
