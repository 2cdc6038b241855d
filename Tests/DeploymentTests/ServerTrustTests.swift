import BursarConsole
import BursarFoundation
import TestSupport
import Testing

@testable import Deployment

/// The principals that may be the server's role.
@Suite struct ServerTrustTests {
    private struct Template {
        let resources: [String: TemplateValue]
        let outputs: [String: TemplateValue]

        init(_ body: String) throws {
            let whole: [String: TemplateValue] = try [
                "": JSONDecoder().decode(TemplateValue.self, from: Data(body.utf8))
            ]
            resources = try ServerTrustTests.object(whole[""], "Resources")
            outputs = try ServerTrustTests.object(whole[""], "Outputs")
        }
    }

    private static func object(_ value: TemplateValue?, _ path: String...) throws -> [String: TemplateValue] {
        var value = value
        for name in path {
            guard case .object(let fields)? = value else { throw UserFacingError("no \(name)") }
            value = fields[name]
        }
        guard case .object(let fields)? = value else { throw UserFacingError("no object") }
        return fields
    }

    private static let provider = "arn:aws:iam::123456789012:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/A1"

    private static let options = StackOptions()

    private func template(_ options: StackOptions = options, region: String = "us-east-1") throws -> Template {
        try Template(try StackTemplateTests.body(options, region: region))
    }

    private func statement(_ template: Template) throws -> [String: TemplateValue] {
        let role = template.resources["ServerRole"]
        let trust = try Self.object(role, "Properties", "AssumeRolePolicyDocument")
        guard case .list(let statements)? = trust["Statement"], case .object(let statement)? = statements.first
        else { throw UserFacingError("no trust") }
        #expect(statements.count == 1)
        return statement
    }

    @Test func `an instance is trusted by default`() throws {
        let template = try template()
        #expect(try statement(template)["Principal"] == ["Service": ["ec2.amazonaws.com"]])
        #expect(template.resources["InstanceProfile"] != nil && template.outputs["InstanceProfile"] != nil)
    }

    @Test(arguments: ["us-east-1", "us-gov-west-1", "cn-north-1"])
    func `tasks are trusted in their own account and region alone`(region: String) throws {
        let template = try template(Self.options.with(\.server.ecs, true), region: region)
        let statement = try statement(template)
        #expect(statement["Principal"] == ["Service": ["ecs-tasks.amazonaws.com"]])
        #expect(statement["Action"] == ["sts:AssumeRole"])
        #expect(
            statement["Condition"] == [
                "StringEquals": ["aws:SourceAccount": [["Ref": "AWS::AccountId"]]],
                "ArnLike": [
                    "aws:SourceArn": [
                        ["Fn::Sub": "arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:*"]
                    ]
                ],
            ]
        )
        #expect(template.resources["InstanceProfile"] == nil && template.outputs["InstanceProfile"] == nil)
    }

    @Test(arguments: [
        ("us-east-1", "aws", "oidc.eks.us-east-1.amazonaws.com/id/A1"),
        ("us-gov-west-1", "aws-us-gov", "oidc.eks.us-gov-west-1.amazonaws.com/id/A1"),
        ("cn-north-1", "aws-cn", "oidc.eks.cn-north-1.amazonaws.com.cn/id/A1"),
        ("us-east-1", "aws", "kubernetes.example.edu"),
    ])
    func `a pod is trusted by its cluster, its account and the token's audience`(
        region: String,
        partition: String,
        issuer: String
    ) throws {
        let provider = "arn:\(partition):iam::123456789012:oidc-provider/\(issuer)"
        let template = try template(Self.pod(provider, "bursar:server.one"), region: region)
        let statement = try statement(template)
        let trusted: TemplateValue = .text("arn:${AWS::Partition}:iam::123456789012:oidc-provider/\(issuer)")
        #expect(statement["Principal"] == ["Federated": [["Fn::Sub": trusted]]])
        #expect(statement["Action"] == ["sts:AssumeRoleWithWebIdentity"])
        let conditions: TemplateValue = .object([
            "\(issuer):aud": ["sts.amazonaws.com"], "\(issuer):sub": ["system:serviceaccount:bursar:server.one"],
        ])
        #expect(statement["Condition"] == ["StringEquals": conditions])
        #expect(template.resources["InstanceProfile"] == nil)
    }

    @Test(arguments: ["us-east-1", "us-gov-west-1", "cn-north-1"])
    func `a pod that EKS gives the role to is trusted in one cluster of the own account`(region: String) throws {
        let template = try template(Self.options.with(\.server.podIdentity, "lab_1-a"), region: region)
        let statement = try statement(template)
        #expect(statement["Principal"] == ["Service": ["pods.eks.amazonaws.com"]])
        #expect(statement["Action"] == ["sts:AssumeRole", "sts:TagSession"])
        #expect(
            statement["Condition"] == [
                "StringEquals": ["aws:SourceAccount": [["Ref": "AWS::AccountId"]]],
                "ArnEquals": [
                    "aws:SourceArn": [
                        ["Fn::Sub": "arn:${AWS::Partition}:eks:${AWS::Region}:${AWS::AccountId}:cluster/lab_1-a"]
                    ]
                ],
            ]
        )
        #expect(template.resources["InstanceProfile"] == nil && template.outputs["InstanceProfile"] == nil)
    }

    private static func pod(_ provider: String = provider, _ account: String = "bursar:bursar") -> StackOptions {
        options.with(\.server.oidcProvider, provider).with(\.server.serviceAccount, account)
    }

    private static let refused: [(options: StackOptions, part: String)] = [
        (options.with(\.server.oidcProvider, provider), "--service-account"),
        (options.with(\.server.serviceAccount, "bursar:bursar"), "--oidc-provider"),
        (pod().with(\.server.ecs, true), "can't both"),
        (options.with(\.server.ecs, true).with(\.server.oidcProvider, provider), "--service-account"),
        (pod("oidc.eks.us-east-1.amazonaws.com/id/A1"), "not the ARN"),
        (pod("arn:aws:iam::123456789012:role/server"), "not the ARN"),
        (pod("arn:aws:iam::1234:oidc-provider/oidc.example.edu"), "not the ARN"),
        (pod("arn:aws:iam::aws:oidc-provider/oidc.example.edu"), "not the ARN"),
        (pod("arn:aws:iam::123456789012:oidc-provider/"), "not the ARN"),
        (pod("arn:aws:iam::123456789012:oidc-provider/https://oidc.example.edu"), "not the ARN"),
        (pod("arn:aws:iam::123456789012:oidc-provider/oidc.example.edu/${x}"), "not the ARN"),
        (pod("arn:aws:iam::123456789012:oidc-provider/oidc.example.edu/*"), "not the ARN"),
        (pod("arn:aws:iam::123456789012:oidc-provider/oidc.example.edu/"), "not the ARN"),
        (pod("arn:aws-cn:iam::123456789012:oidc-provider/oidc.example.edu"), "is of aws-cn"),
        (pod(provider, "bursar"), "NAMESPACE:NAME"), (pod(provider, "bursar:"), "NAMESPACE:NAME"),
        (pod(provider, ":bursar"), "NAMESPACE:NAME"), (pod(provider, "bursar:*"), "NAMESPACE:NAME"),
        (pod(provider, "*:bursar"), "NAMESPACE:NAME"), (pod(provider, "a:b:c"), "NAMESPACE:NAME"),
        (pod(provider, "Bursar:bursar"), "NAMESPACE:NAME"), (pod(provider, "bursar:-x"), "NAMESPACE:NAME"),
        (options.with(\.server.podIdentity, "*"), "name of an EKS cluster"),
        (options.with(\.server.podIdentity, "a/b"), "name of an EKS cluster"),
        (options.with(\.server.podIdentity, "${x}"), "name of an EKS cluster"),
        (options.with(\.server.podIdentity, "-a"), "name of an EKS cluster"),
        (options.with(\.server.podIdentity, "lab").with(\.server.ecs, true), "goes with neither"),
        (pod().with(\.server.podIdentity, "lab"), "goes with neither"),
        (pod(provider, "bur.sar:x"), "NAMESPACE:NAME"), (pod(provider, "bursar:a..b"), "NAMESPACE:NAME"),
    ]

    @Test(arguments: refused)
    func `half of a pod's trust, another partition and patterns are refused`(_ options: StackOptions, _ part: String)
        throws
    {
        let problem = try #require(throws: UserFacingError.self) {
            try StackTemplateTests.body(options, region: "us-east-1")
        }
        let said = "\(problem.problem) \(problem.hint ?? "")"
        #expect(said.contains(part), "\(problem)")
        #expect(problem.hint != nil)
    }
}
