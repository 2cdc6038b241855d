import ArgumentParser
import BursarFoundation
import Deployment
import TestSupport
import Testing

@testable import admin

/// Templates, held to what others know of CloudFormation: cfn-lint reads them, moto makes stacks of them.
@Suite(.enabled(if: Account.isThere), .serialized)
struct StackDeploymentTests {
    fileprivate struct Case: Encodable {
        /// Where it is to be right; deployed in the first.
        let regions: [String]
        let template: String

        init(_ words: [String], region: String, alsoIn others: [String] = []) throws {
            regions = [region] + others
            template = try StackTemplate(StackArguments.parse(words).options.configuration(region: region)).body
        }
    }

    private func peer<Answer: Decodable>(_ what: String, _ cases: [Case]) async throws -> Answer {
        let input = String(decoding: try JSONEncoder().encode(cases), as: UTF8.self)
        let script = Checkout.root + "Tests/AdminTests/Peers/stacks.py"
        let environment = ["PATH": "/usr/bin:/bin", "HOME": "/nonexistent"]
        let outcome = try await Program(Checkout.peer("python"), environment: environment)
            .run([script, what], input: input)
        try #require(outcome.isSuccess, "\(outcome.errors)")
        return try decoded(outcome.output)
    }

    /// Everything at once, as long as it gets.
    private static func everything(_ region: String) -> [String] {
        [
            "--models", "anthropic.*,meta.llama3-8b-instruct-v1:0", "--regions", region, "--allow-global",
            "--external-id", "bursar-1", "--max-session", "12h", "--ip", "192.0.2.0/24,2001:db8::/32",
            "--tag", "project=engines", "--tag", "Name=Ada: straße @ 1+1", "--availability-zone", "\(region)a",
            "--volume-size", "20",
        ]
    }

    @Test func `cfn-lint finds nothing, in any option, partition and region that it knows`() async throws {
        let regions: [String] = try await peer("regions", [])
        #expect(regions.count > 30 && regions.contains("cn-north-1") && regions.contains("us-gov-west-1"))
        let partitions = [("aws", "us-east-1"), ("aws-us-gov", "us-gov-east-1"), ("aws-cn", "cn-northwest-1")]
        let others = Dictionary(grouping: regions) { $0.hasPrefix("cn-") ? 2 : $0.hasPrefix("us-gov-") ? 1 : 0 }
        var cases = try partitions.enumerated().map { index, partition in
            try Case(Self.everything(partition.1), region: partition.1, alsoIn: others[index] ?? [])
        }
        for words in [[], ["--ip", "192.0.2.1"], ["--availability-zone", "us-east-1-bos-1a"], ["--tag", "a="]] {
            cases.append(try Case(words, region: "us-east-1"))
        }
        for (partition, region) in partitions {
            let boundary = "arn:\(partition):iam::123456789012:policy/limits/researchers"
            cases.append(try Case(["--permissions-boundary", boundary], region: region))
            cases.append(try Case(["--ecs"], region: region))
            let provider = "arn:\(partition):iam::123456789012:oidc-provider/oidc.eks.\(region).amazonaws.com/id/A1"
            let pod = ["--oidc-provider", provider, "--service-account", "bursar:bursar"]
            cases.append(try Case(pod, region: region))
        }
        let findings: [String] = try await peer("lint", cases)
        #expect(findings.isEmpty, "\(findings.prefix(5))")
    }

    @Test func `what cfn-lint is asked is what it would find`() async throws {
        var wrong = try Case([], region: "us-east-1")
        wrong = Case(wrong, replacing: "MaxSessionDuration\" : 3600", with: "MaxSessionDuration\" : 60")
        let findings: [String] = try await peer("lint", [wrong])
        #expect(findings.count == 1)
    }

    private struct Stack: Decodable {
        struct Statement: Decodable {
            let action: [String]
            let principal: [String: [String]]?
            let resource: [String]?
            let condition: [String: [String: [String]]]?
        }

        struct Volume: Decodable {
            let id: String
            let zone: String
            let size: Int
        }

        let status: String
        let outputs: [String: String]
        let trust: [Statement]
        let access: [Statement]
        let serverTrust: [Statement]
        let serverPolicy: [Statement]
        let longestSession: Int
        let profileRoles: [String]
        let logDays: [Int?]
        let volumes: [Volume]
        let tags: [String: String]
        let boundaries: [String?]
        let volumesLeft: Int
    }

    @Test(arguments: [("us-east-1", "aws"), ("us-gov-west-1", "aws-us-gov"), ("cn-north-1", "aws-cn")])
    func `a stack that is made holds what was asked for, in every partition`(
        _ region: String,
        _ partition: String
    ) async throws {
        let boundary = ["--permissions-boundary", "arn:\(partition):iam::123456789012:policy/limit"]
        let stacks: [Stack] = try await peer("deploy", [Case(Self.everything(region) + boundary, region: region)])
        let stack = try #require(stacks.first)
        #expect(stack.status == "CREATE_COMPLETE")
        let server = try #require(stack.outputs["ServerRoleArn"])
        let role = try #require(stack.outputs["RoleArn"])
        #expect(server.hasPrefix("arn:\(partition):iam::123456789012:role/bursar-ServerRole-"))

        // Trust: the three actions, from the server's role and from nobody else.
        #expect(stack.trust.flatMap(\.action) == Self.actions)
        #expect(stack.trust.allSatisfy { $0.principal == ["AWS": [server]] })
        #expect(
            stack.trust.map(\.condition) == [
                ["StringEquals": ["sts:ExternalId": ["bursar-1"]]],
                ["ForAllValues:StringEquals": ["aws:TagKeys": ["researcher", "project", "key"]]], nil,
            ]
        )
        #expect(stack.longestSession == 43_200)

        // The server: the same three on that role alone, and its log.
        #expect(
            stack.serverPolicy.map(\.action) == [
                Self.actions, ["logs:CreateLogStream", "logs:PutLogEvents"],
            ]
        )
        #expect(stack.serverPolicy.first?.resource == [role])
        let group = try #require(stack.outputs["LogGroup"])
        let log = "arn:\(partition):logs:\(region):123456789012:log-group:\(group)"
        #expect(stack.serverPolicy.last?.resource?.allSatisfy { $0 == log || $0 == log + ":*" } == true)
        let service = partition == "aws-cn" ? "ec2.amazonaws.com.cn" : "ec2.amazonaws.com"
        #expect(stack.serverTrust.map(\.principal) == [["Service": [service]]])
        #expect(stack.profileRoles == [server])

        // Researchers.
        let bedrock = "arn:\(partition):bedrock:*:"
        #expect(
            stack.access.first?.resource == [
                "\(bedrock):foundation-model/anthropic.*", "\(bedrock):foundation-model/meta.llama3-8b-instruct-v1:0",
                "\(bedrock)123456789012:inference-profile/*", "\(bedrock)123456789012:application-inference-profile/*",
            ]
        )
        #expect(
            stack.access.first?.condition
                == ["StringEquals": ["aws:RequestedRegion": [region]]]
        )
        let profiles = ["inference-profile", "application-inference-profile"]
        #expect(
            stack.access.compactMap { $0.condition?["ArnLike"]?["bedrock:InferenceProfileArn"] }
                == [profiles.map { "arn:\(partition):bedrock:\(region):123456789012:\($0)/*" }]
        )
        #expect(!stack.access.contains { $0.condition?["StringNotEquals"] != nil })
        let actions = Set(stack.access.flatMap(\.action))
        #expect(actions.contains("bedrock:CallWithBearerToken") && !actions.contains("bedrock:*"))

        #expect(stack.boundaries == [boundary[1], boundary[1]])
        #expect(stack.tags == ["project": "engines", "Name": "Ada: straße @ 1+1"])
        #expect(stack.logDays == [30])
        #expect(stack.volumes.map(\.id) == [stack.outputs["VolumeId"]] && stack.volumes.first?.size == 20)
        #expect(stack.volumesLeft == 1)
        #expect(stack.outputs["Allow"] == "192.0.2.0/24,2001:db8::/32")
        #expect(stack.outputs["Region"] == region && stack.outputs["ExternalId"] == "bursar-1")
    }

    private static let actions = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]
}

extension StackDeploymentTests.Case {
    fileprivate init(_ other: Self, replacing old: String, with new: String) {
        regions = other.regions
        template = other.template.replacing(old, with: new)
    }
}
