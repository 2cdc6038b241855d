import AWSTestSupport
import BursarFoundation
import TestSupport
import Testing

/// The evaluator that other tests go by: held to IAM's documentation, and to moto where moto has an opinion.
@Suite struct PolicyEvaluatorTests {
    private typealias Call = PolicyEvaluator.Call

    private static func policy(_ statements: String) -> String {
        #"{"Version":"2012-10-17","Statement":[\#(statements)]}"#
    }

    private static func allow(_ condition: String) -> String {
        policy(#"{"Effect":"Allow","Action":"s3:Get*","Resource":"*","Condition":\#(condition)}"#)
    }

    private static let conditions: [(condition: String, context: [String: [String]], isMet: Bool)] = [
        (#"{"StringEquals":{"aws:RequestedRegion":["a","b"]}}"#, ["aws:RequestedRegion": ["b"]], true),
        (#"{"StringEquals":{"aws:RequestedRegion":"a"}}"#, ["AWS:requestedregion": ["a"]], true),
        (#"{"StringEquals":{"aws:RequestedRegion":"a"}}"#, ["aws:RequestedRegion": ["A"]], false),
        (#"{"StringEquals":{"aws:RequestedRegion":"a"}}"#, [:], false),
        (#"{"StringEqualsIfExists":{"aws:RequestedRegion":"a"}}"#, [:], true),
        (#"{"StringEqualsIfExists":{"aws:RequestedRegion":"a"}}"#, ["aws:RequestedRegion": ["b"]], false),
        (#"{"StringNotEquals":{"aws:RequestedRegion":["a","b"]}}"#, ["aws:RequestedRegion": ["b"]], false),
        (#"{"StringNotEquals":{"aws:RequestedRegion":["a","b"]}}"#, ["aws:RequestedRegion": ["c"]], true),
        (#"{"StringNotEquals":{"aws:RequestedRegion":"a"}}"#, [:], true),
        (#"{"StringLike":{"aws:userid":"*:ada"}}"#, ["aws:userid": ["AROA1:ada"]], true),
        (#"{"StringLike":{"aws:userid":"*:ada"}}"#, ["aws:userid": ["AROA1:ada2"]], false),
        (#"{"StringLike":{"aws:userid":"?:ada"}}"#, ["aws:userid": ["AROA1:ada"]], false),
        (#"{"StringNotLike":{"aws:userid":"*:ada"}}"#, ["aws:userid": ["AROA1:ada"]], false),
        (#"{"ArnLike":{"k":"arn:aws:x:us-*:1:a/*"}}"#, ["k": ["arn:aws:x:us-east-1:1:a/b:c/d"]], true),
        (#"{"ArnLike":{"k":"arn:aws:x:*:a/*"}}"#, ["k": ["arn:aws:x:us-east-1:1:a/b"]], false),
        (#"{"ArnLike":{"k":"arn:aws:x:us-east-1:1:a/*"}}"#, [:], false),
        (#"{"ArnNotLike":{"k":"arn:aws:x:us-east-1:1:a/*"}}"#, [:], true),
        (
            #"{"DateLessThan":{"aws:TokenIssueTime":"2026-01-02T00:00:00Z"}}"#,
            ["aws:tokenissuetime": ["2026-01-01T23:59:59Z"]], true
        ),
        (
            #"{"DateLessThan":{"aws:TokenIssueTime":"2026-01-02T00:00:00Z"}}"#,
            ["aws:tokenissuetime": ["2026-01-02T00:00:00Z"]], false
        ),
        (#"{"DateLessThan":{"aws:TokenIssueTime":"2026-01-02T00:00:00Z"}}"#, [:], false),
        (
            #"{"NotIpAddress":{"aws:SourceIp":["192.0.2.0/24","2001:db8::/32"]}}"#, ["aws:SourceIp": ["192.0.2.7"]],
            false
        ),
        (#"{"NotIpAddress":{"aws:SourceIp":["192.0.2.0/24"]}}"#, ["aws:SourceIp": ["198.51.100.1"]], true),
        (#"{"NotIpAddress":{"aws:SourceIp":["192.0.2.0/24"]}}"#, [:], true),
        (#"{"IpAddress":{"aws:SourceIp":["192.0.2.0/24"]}}"#, [:], false),
        (#"{"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}}"#, ["aws:TagKeys": ["a"]], true),
        (#"{"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}}"#, ["aws:TagKeys": ["a", "c"]], false),
        (#"{"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}}"#, [:], true),
        (#"{"ForAnyValue:StringEquals":{"aws:TagKeys":["a"]}}"#, ["aws:TagKeys": ["c", "a"]], true),
        (#"{"ForAnyValue:StringEquals":{"aws:TagKeys":["a"]}}"#, [:], false),
        (#"{"Null":{"aws:SourceIdentity":"true"}}"#, [:], true),
        (#"{"Null":{"aws:SourceIdentity":"true"}}"#, ["aws:SourceIdentity": ["ada"]], false),
        (#"{"Null":{"aws:SourceIdentity":"false"}}"#, ["aws:SourceIdentity": ["ada"]], true),
        (#"{"StringEquals":{"a":"1"},"StringNotEquals":{"b":"2"}}"#, ["a": ["1"], "b": ["2"]], false),
        (#"{"StringEquals":{"a":"1","b":"2"}}"#, ["a": ["1"], "b": ["2"]], true),
        (#"{"StringEquals":{"a":"1","b":"2"}}"#, ["a": ["1"]], false),
    ]

    @Test(arguments: conditions)
    func `conditions hold as IAM's documentation has them`(
        _ condition: String,
        _ context: [String: [String]],
        _ isMet: Bool
    ) throws {
        let call = Call("s3:GetObject", on: "arn:aws:s3:::b/k", context)
        let decision = try PolicyEvaluator(identity: [Self.allow(condition)]).decision(on: call)
        #expect(decision == (isMet ? .allowed : .implicitlyDenied), "\(condition) \(context)")
    }

    @Test func `a deny beats every allow, and a limit allows nothing by itself`() throws {
        let all = Self.policy(#"{"Effect":"Allow","Action":"*","Resource":"*"}"#)
        let noDelete = Self.policy(#"{"Effect":"Deny","Action":"s3:delete*","Resource":"*"}"#)
        let read = Self.policy(
            #"{"Effect":"Allow","NotAction":["s3:Put*","s3:Delete*"],"Resource":"arn:aws:s3:::b/*"}"#
        )
        func decision(_ identity: [String], _ limits: [String], _ action: String) throws -> PolicyEvaluator.Decision {
            try PolicyEvaluator(identity: identity, limits: limits)
                .decision(on: Call(action, on: "arn:aws:s3:::b/k"))
        }
        #expect(try decision([all], [], "s3:DeleteObject") == .allowed)
        #expect(try decision([all, noDelete], [], "s3:DeleteObject") == .explicitlyDenied)
        #expect(try decision([all], [noDelete], "s3:DeleteObject") == .explicitlyDenied)
        #expect(try decision([all], [noDelete], "s3:GetObject") == .implicitlyDenied)
        #expect(try decision([all], [read], "s3:GetObject") == .allowed)
        #expect(try decision([all], [read], "s3:PutObject") == .implicitlyDenied)
        #expect(try decision([], [all], "s3:GetObject") == .implicitlyDenied)
    }

    @Test(arguments: [
        #"{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"NumericLessThan":{"a":"1"}}}"#,
        #"{"Effect":"Allow","Action":"*","NotResource":"*"}"#, #"{"Effect":"Maybe","Action":"*","Resource":"*"}"#,
        #"{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::${aws:username}"}"#,
        #"{"Effect":"Allow","Action":"*"}"#,
    ])
    func `what it doesn't know stops it`(statement: String) throws {
        #expect(throws: (any Error).self) {
            try PolicyEvaluator(identity: [Self.policy(statement)]).decision(on: Call("s3:GetObject", on: "*"))
        }
    }

    // MARK: moto

    private struct Question: Encodable {
        let documents: [String: String]
        let calls: [[String]]
    }

    private struct Opinion: Decodable {
        let rules: [String: [String]]
        let made: [String: [String: String]]
    }

    private static let actions = [
        "iam:ListUsers", "iam:CreateUser", "s3:ListAllMyBuckets", "s3:GetObject", "logs:DescribeLogGroups",
        "sts:GetSessionToken", "sts:AssumeRole", "cloudformation:DescribeStacks",
    ]
    private static let resources = [
        "*", "arn:aws:s3:::data/a", "arn:aws:s3:::data/a/b", "arn:aws:iam::123456789012:role/bedrock",
        "arn:aws:iam::123456789012:role/team/bedrock",
    ]

    /// Statements of the parts that moto has too: effects, wildcards in actions and resources, several statements.
    private static func documents() -> [String: String] {
        var chance = SeededGenerator(seed: 12)
        let actionPatterns = actions + ["*", "s3:*", "iam:List*", "sts:*", "*:Describe*", "logs:D*s"]
        let resourcePatterns =
            resources + ["arn:aws:s3:::data/*", "arn:aws:iam::123456789012:role/*", "arn:aws:s3:::*"]
        var documents: [String: String] = [:]
        for number in 0..<40 {
            let statements = (0..<Int.random(in: 1...4, using: &chance)).map { _ in
                let effect = Int.random(in: 0..<4, using: &chance) == 0 ? "Deny" : "Allow"
                let action = actionPatterns.randomElement(using: &chance) ?? "*"
                let isNarrow = Bool.random(using: &chance)
                let resource = isNarrow ? resourcePatterns.randomElement(using: &chance) ?? "*" : "*"
                let element = Int.random(in: 0..<6, using: &chance) == 0 ? "NotAction" : "Action"
                return #"{"Effect":"\#(effect)","\#(element)":["\#(action)"],"Resource":["\#(resource)"]}"#
            }
            documents["role\(number)"] = policy(statements.joined(separator: ","))
        }
        return documents
    }

    /// A pattern of an ARN doesn't match `*`, which moto uses for calls without a resource.
    @Test(.enabled(if: Peer.isThere))
    func `moto decides the same, by its rules and when calls are made`() async throws {
        let documents = Self.documents()
        let calls = Self.actions.flatMap { action in Self.resources.map { [action, $0] } }
        let question = Question(documents: documents, calls: calls)
        let outcome = try await Program(Peer.python, environment: ["PATH": "/usr/bin:/bin"])
            .run(
                [Checkout.root + "Tests/AWSClientsTests/Peers/moto_policies.py"],
                input: String(decoding: try JSONEncoder().encode(question), as: UTF8.self)
            )
        try #require(outcome.isSuccess, "\(outcome.errors)")
        let opinion = try JSONDecoder().decode(Opinion.self, from: Data(outcome.output.utf8))
        var allowed = 0
        for (name, document) in documents {
            let evaluator = try PolicyEvaluator(identity: [document])
            let ours = try calls.map { try evaluator.decision(on: Call($0[0], on: $0[1])).rawValue }
            #expect(ours == opinion.rules[name], "\(document)")
            for (action, said) in try #require(opinion.made[name]) {
                // moto's S3 asks for all buckets by their ARN.
                let resource = action.hasPrefix("s3:") ? "arn:aws:s3:::*" : "*"
                let isAllowed = try evaluator.decision(on: Call(action, on: resource)) == .allowed
                #expect(said == (isAllowed ? "allowed" : "denied"), "\(action) \(document)")
                if isAllowed { allowed += 1 }
            }
        }
        #expect(opinion.made.count == documents.count && allowed > 20)
    }
}
