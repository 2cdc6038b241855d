import AWSAuth
import BursarFoundation
import BursarModel
import TestSupport
import Testing

@testable import AWSClients

/// Requests as AWS checks them: each is one or more calls of IAM's, all of which have to be allowed.
///
/// The context of each check by Bedrock (region, profile, the empty region behind `global.`) is AWS's documentation,
/// and was not tried on an account.
private struct Request: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let calls: [PolicyEvaluator.Call]

    static let account = "123456789012"
    static let claude = "anthropic.claude-sonnet-4-5-20250929-v1:0"
    private static let requestedRegion = "aws:RequestedRegion"

    init(_ name: String, _ calls: [PolicyEvaluator.Call]) {
        testDescription = name
        self.calls = calls
    }

    static func model(_ model: String, _ region: String, _ more: [String: [String]] = [:]) -> PolicyEvaluator.Call {
        .init(
            "bedrock:InvokeModel",
            on: "arn:aws:bedrock:\(region)::foundation-model/\(model)",
            [requestedRegion: [region.isEmpty ? "unspecified" : region]].merging(more) { $1 }
        )
    }

    static func direct(_ model: String = claude, in region: String) -> Self {
        Self("direct model, \(region)", [Self.model(model, region)])
    }

    /// A profile that is called in `region` and leads to `destinations`; "" is the model without a region.
    static func profile(
        _ geography: String,
        _ model: String = claude,
        kind: String = "inference-profile",
        from region: String,
        to destinations: [String],
        account: String = account
    ) -> Self {
        let id = kind == "inference-profile" ? "\(geography).\(model)" : "4ps1yrccq8bx"
        let arn = "arn:aws:bedrock:\(region):\(account):\(kind)/\(id)"
        let called = PolicyEvaluator.Call("bedrock:InvokeModel", on: arn, [requestedRegion: [region]])
        let led = destinations.map { Self.model(model, $0, ["bedrock:InferenceProfileArn": [arn]]) }
        return Self("\(geography). \(kind) from \(region)", [called] + led)
    }

    static func call(
        _ action: String,
        on resource: String = "*",
        in region: String = "us-east-1",
        _ more: [String: [String]] = [:]
    ) -> Self {
        let context = [requestedRegion: [region]].merging(more) { $1 }
        return Self("\(action) on \(resource) in \(region) \(more)", [.init(action, on: resource, context)])
    }

    static let usEast = profile("us", from: "us-east-1", to: ["us-east-1", "us-east-2", "us-west-2"])
    static let usWest = profile("us", from: "us-west-2", to: ["us-east-1", "us-east-2", "us-west-2"])
    static let global = profile("global", from: "us-east-1", to: ["us-east-1", ""])
    static let project = "arn:aws:bedrock:us-east-1:123456789012:project/default"
    static let response = Self(
        "Responses API on bedrock-runtime",
        [model(claude, "us-east-1"), .init("bedrock:InvokeModel", on: project, [requestedRegion: ["us-east-1"]])]
    )
    static let sonic = Self("Nova Sonic stream", [model("amazon.nova-2-sonic-v1:0", "us-east-1")])
    static func tier(_ tier: String) -> Self {
        Self("\(tier) tier", [model(claude, "us-east-1", ["bedrock:ServiceTier": [tier]])])
    }
    static let bearer = call("bedrock:CallWithBearerToken")
    static let mantleModel = [
        "bedrock-mantle:Model": ["openai.gpt-oss-120b"], "bedrock-mantle:ServiceTier": ["default"],
    ]
    static let mantle = Self(
        "bearer token, inference on mantle",
        [
            .init("bedrock-mantle:CallWithBearerToken", on: "*", [requestedRegion: ["us-east-1"]]),
            .init(
                "bedrock-mantle:CreateInference",
                on: "arn:aws:bedrock-mantle:us-east-1:123456789012:project/default",
                [requestedRegion: ["us-east-1"]].merging(mantleModel) { $1 }
            ),
        ]
    )
    static let countTokens = call(
        "bedrock:CountTokens",
        on: "arn:aws:bedrock:us-east-1::foundation-model/\(claude)"
    )

    /// Requests that no researcher's session may make under any options.
    static let forbidden: [Self] = [
        // StartAsyncInvoke is InvokeModel, and then writes the answer to S3 as the caller.
        Self(
            "StartAsyncInvoke",
            [model("amazon.nova-reel-v1:1", "us-east-1"), .init("s3:PutObject", on: "arn:aws:s3:::out/a")]
        ),
        call("bedrock:InvokeModel", on: "arn:aws:bedrock:us-east-1:123456789012:async-invoke/a1"),
        call("bedrock:InvokeTool", on: "arn:aws:bedrock::123456789012:system-tool/amazon.nova_grounding"),
        call("bedrock:CreateModelInvocationJob", on: "arn:aws:bedrock:us-east-1:123456789012:model-invocation-job/a1"),
        call("bedrock:CreateModelInvocationJob", on: "arn:aws:bedrock:us-east-1::foundation-model/\(claude)"),
        call("bedrock:GetInvoke", on: project), call("bedrock:CancelInvoke", on: project),
        call("bedrock:DeleteInvoke", on: project), call("bedrock:GetInvoke"),
        call("bedrock:InvokeModel", on: "arn:aws:bedrock:us-east-1:123456789012:project/other"),
        call("bedrock:InvokeModel", on: "arn:aws:bedrock:us-east-1:123456789012:provisioned-model/a1"),
        call("bedrock:InvokeModel", on: "arn:aws:bedrock:us-east-1:123456789012:imported-model/a1"),
        call("bedrock:InvokeModel", on: "arn:aws:bedrock:us-east-1:123456789012:custom-model-deployment/a1"),
        call("bedrock:InvokeModel", on: "arn:aws:bedrock:us-east-1:123456789012:default-prompt-router/a:1"),
        call("bedrock:InvokeModel", on: "arn:aws:bedrock:us-east-1:123456789012:marketplace/model-endpoint/all-access"),
        call("bedrock:InvokeAgent", on: "arn:aws:bedrock:us-east-1:123456789012:agent-alias/A/B"),
        call("bedrock:ApplyGuardrail", on: "arn:aws:bedrock:us-east-1:123456789012:guardrail/g"),
        call("bedrock:CreateInferenceProfile", on: "arn:aws:bedrock:us-east-1::foundation-model/\(claude)"),
        call("bedrock:PutModelInvocationLoggingConfiguration"),
        call("bedrock:DeleteModelInvocationLoggingConfiguration"),
        call("bedrock:CreateProvisionedModelThroughput", on: "arn:aws:bedrock:us-east-1::foundation-model/\(claude)"),
        call("bedrock-mantle:CreateProject", on: "arn:aws:bedrock-mantle:us-east-1:123456789012:project/p"),
        call("bedrock-mantle:GetInference", on: "arn:aws:bedrock-mantle:us-east-1:123456789012:project/default"),
        call("aws-external-anthropic:CreateInference"),
        call("sts:AssumeRole", on: "arn:aws:iam::123456789012:role/bedrock"),
        call("sts:AssumeRole", on: "arn:aws:iam::210987654321:role/any"), call("sts:GetFederationToken"),
        call("s3:GetObject", on: "arn:aws:s3:::logs/a"), call("s3:PutObject", on: "arn:aws:s3:::out/a"),
        call("s3:ListAllMyBuckets"), call("iam:ListUsers"),
        call("iam:PutRolePolicy", on: "arn:aws:iam::123456789012:role/bedrock"),
        call("iam:DeleteRolePolicy", on: "arn:aws:iam::123456789012:role/bedrock"), call("iam:CreateUser"),
        call("logs:GetLogEvents"), call("logs:DeleteLogGroup"), call("ec2:RunInstances"),
        call("sagemaker:InvokeEndpoint"),
        profile("us", from: "us-east-1", to: ["us-east-1"], account: "210987654321"),
    ]
}

/// The permissions of the role that researchers get sessions of: what they let through, request by request.
@Suite struct AccessPolicyTests {
    private static func policy(_ regions: [String]?, global: Bool = false, models: String? = nil) -> AccessPolicy {
        AccessPolicy(
            partition: .aws,
            account: Request.account,
            models: models.flatMap { ModelList($0) },
            regions: regions.map { AccessPolicy.Regions($0, allowsGlobalProfiles: global) }
        )
    }

    private static func allows(_ request: Request, _ policy: AccessPolicy, session: String? = nil) throws -> Bool {
        try PolicyEvaluator(identity: [policy.document.compact()], limits: session.map { [$0] } ?? [])
            .allows(request.calls)
    }

    private static func vector() throws -> String {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Vectors/access-policy.json")
        return String(decoding: try Data(contentsOf: file), as: UTF8.self)
    }

    @Test func `the policy of one region is that of the vector`() throws {
        func tree(_ text: String) throws -> Tree { try JSONDecoder().decode(Tree.self, from: Data(text.utf8)) }
        let document = Self.policy(["us-east-1"]).document
        #expect(try tree(document.compact()) == tree(Self.vector()))
        #expect(try document.size() == 1750)
        #expect(try Self.policy(["us-east-1"], global: true).document.size() == 1692)
        #expect(try Self.policy(nil).document.size() == 1058)
    }

    /// In us-east-1, the same with global profiles, and anywhere.
    private static let table: [(Request, one: Bool, global: Bool, anywhere: Bool)] = [
        (.direct(in: "us-east-1"), true, true, true), (.direct(in: "us-west-2"), false, false, true),
        (.usEast, true, true, true), (.usWest, false, false, true), (.global, false, true, true),
        (.profile("global", from: "us-west-2", to: ["us-west-2", ""]), false, false, true),
        (.profile("us", kind: "application-inference-profile", from: "us-east-1", to: ["us-west-2"]), true, true, true),
        (
            .profile("us", kind: "application-inference-profile", from: "us-west-2", to: ["us-west-2"]), false, false,
            true
        ),
        (.profile("jp", from: "ap-northeast-1", to: ["ap-northeast-1", "ap-northeast-3"]), false, false, true),
        (.response, true, true, true), (.sonic, false, false, false),
        (
            Request(
                "Nova Sonic by a profile",
                [
                    Request.model(
                        "amazon.nova-sonic-v1:0",
                        "us-west-2",
                        [
                            "bedrock:InferenceProfileArn": [
                                "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-sonic-v1:0"
                            ]
                        ]
                    )
                ]
            ), false, false, false
        ),
        (.tier("priority"), false, false, false), (.tier("reserved"), false, false, false),
        (.tier("default"), true, true, true), (.tier("flex"), true, true, true),
        (.bearer, true, true, true), (.call("bedrock:CallWithBearerToken", in: "us-west-2"), false, false, true),
        (.mantle, false, false, false), (.countTokens, true, true, true),
        (.call("bedrock:ListFoundationModels"), true, true, true),
        (.call("bedrock:ListFoundationModels", in: "eu-west-1"), false, false, true),
        (
            .call("bedrock:InvokeModelWithResponseStream", on: "arn:aws:bedrock:us-east-1::foundation-model/x.y"), true,
            true, true
        ),
    ]

    @Test(arguments: table)
    fileprivate func `what a policy for regions lets through, and what not`(
        _ request: Request,
        _ one: Bool,
        _ global: Bool,
        _ anywhere: Bool
    ) throws {
        #expect(try Self.allows(request, Self.policy(["us-east-1"])) == one)
        #expect(try Self.allows(request, Self.policy(["us-east-1"], global: true)) == global)
        #expect(try Self.allows(request, Self.policy(nil)) == anywhere)
    }

    @Test func `several regions are several sources, and nothing else`() throws {
        let policy = Self.policy(["us-east-1", "eu-central-1"])
        let german = Request.profile("eu", from: "eu-central-1", to: ["eu-central-1", "eu-west-3", "eu-north-1"])
        for request in [Request.usEast, german, .direct(in: "eu-central-1")] {
            #expect(try Self.allows(request, policy), "\(request)")
        }
        let french = Request.profile("eu", from: "eu-west-3", to: ["eu-central-1", "eu-west-3"])
        for request in [Request.usWest, french, .direct(in: "eu-west-3"), .global] {
            #expect(try !Self.allows(request, policy), "\(request)")
        }
    }

    @Test(arguments: Request.forbidden)
    fileprivate func `no researcher's session may`(_ request: Request) throws {
        var open = Self.policy(nil)
        (open.allowsStreams, open.allowsTiers, open.allowsMantle) = (true, true, true)
        for policy in [Self.policy(["us-east-1"]), Self.policy(["us-east-1"], global: true), Self.policy(nil), open] {
            #expect(try !Self.allows(request, policy))
        }
        // A key's session policy narrows, and never widens.
        let session = try SessionPolicy(end: .distantFuture).document(.aws)
        #expect(try !Self.allows(request, open, session: session))
    }

    @Test func `each option opens what it names, and nothing else`() throws {
        let all: [Request] = [.sonic, .tier("priority"), .tier("reserved"), .mantle, .global]
        func opened(_ change: (inout AccessPolicy) -> Void) throws -> [String] {
            var policy = Self.policy(["us-east-1"])
            change(&policy)
            return try all.filter { try Self.allows($0, policy) }.map(\.testDescription)
        }
        #expect(try opened { _ in } == [])
        #expect(try opened { $0.allowsStreams = true } == ["Nova Sonic stream"])
        #expect(try opened { $0.allowsTiers = true } == ["priority tier", "reserved tier"])
        #expect(try opened { $0.allowsMantle = true } == ["bearer token, inference on mantle"])
        #expect(
            try opened { $0.regions = .init(["us-east-1"], allowsGlobalProfiles: true) } == [
                Request.global.testDescription
            ]
        )
    }

    @Test func `mantle is held to the policy's models, tiers and regions`() throws {
        var policy = Self.policy(["us-east-1"], models: "openai.*,anthropic.*")
        policy.allowsMantle = true
        func infer(_ model: String, _ tier: String, _ region: String = "us-east-1") -> Request {
            let context = ["bedrock-mantle:Model": [model], "bedrock-mantle:ServiceTier": [tier]]
            let project = "arn:aws:bedrock-mantle:\(region):123456789012:project/default"
            return .call("bedrock-mantle:CreateInference", on: project, in: region, context)
        }
        #expect(try Self.allows(infer("openai.gpt-oss-120b", "default"), policy))
        for request in [
            infer("zai.glm-4.6", "default"), infer("openai.gpt-oss-120b", "priority"),
            infer("openai.gpt-oss-120b", "default", "eu-west-1"),
        ] {
            #expect(try !Self.allows(request, policy), "\(request)")
        }
        policy.allowsTiers = true
        #expect(try Self.allows(infer("openai.gpt-oss-120b", "priority"), policy))
    }

    @Test func `named models are all that may be invoked, directly and through profiles`() throws {
        let policy = Self.policy(["us-east-1"], models: "anthropic.*")
        for request in [Request.direct(in: "us-east-1"), .usEast, .response, .countTokens] {
            #expect(try Self.allows(request, policy), "\(request)")
        }
        let llama = "meta.llama3-3-70b-instruct-v1:0"
        for request in [
            Request.direct(llama, in: "us-east-1"), .profile("us", llama, from: "us-east-1", to: ["us-east-2"]),
            .profile("us", llama, kind: "application-inference-profile", from: "us-east-1", to: ["us-east-1"]),
        ] {
            #expect(try !Self.allows(request, policy), "\(request)")
        }
    }

    @Test func `a minimal policy looks nothing up, and one without an account takes profiles of any`() throws {
        let bare = AccessPolicy(partition: .govCloud, allowsListing: false)
        #expect(!bare.document.statements.contains { $0.sid == "LookModelsUp" })
        let resources = bare.document.statements.flatMap { $0.resource ?? [] }.filter { $0 != "*" }
        #expect(resources.allSatisfy { $0.hasPrefix("arn:aws-us-gov:bedrock:*:") })
        #expect(resources.contains("arn:aws-us-gov:bedrock:*:*:application-inference-profile/*"))
    }

    // MARK: Keys' sessions

    private static func session(_ models: String?, ip: String? = nil, end: Date? = nil) throws -> String {
        try SessionPolicy(
            models: models.flatMap { ModelList($0) },
            addresses: try ip.map { try AddressList(parsing: $0) },
            end: end
        )
        .document(.aws)
    }

    private static let narrowed: [(Request, isAllowed: Bool)] = [
        (.direct(in: "us-east-1"), true), (.usEast, true), (.response, true), (.countTokens, true), (.bearer, true),
        (.call("bedrock:ListInferenceProfiles"), true),
        (.direct(in: "us-west-2"), false), (.usWest, false), (.global, false), (.sonic, false), (.mantle, false),
        (.tier("priority"), false), (.tier("flex"), true),
        (.direct("meta.llama3-3-70b-instruct-v1:0", in: "us-east-1"), false),
        (.call("bedrock:GetInvoke", on: Request.project), false),
        (.call("bedrock:InvokeModel", on: "arn:aws:bedrock:us-east-1:123456789012:imported-model/a1"), false),
        (.call("sts:AssumeRole", on: "arn:aws:iam::123456789012:role/bedrock"), false),
        (.call("iam:ListUsers"), false), (.call("s3:ListAllMyBuckets"), false),
    ]

    /// The role has no model limit of its own, so the key's is the only one; mantle stays shut for such a key even
    /// where the role opens it.
    @Test(arguments: narrowed)
    fileprivate func `a key's models narrow its sessions within what the role allows`(
        _ request: Request,
        _ isAllowed: Bool
    ) throws {
        var role = Self.policy(["us-east-1"])
        role.allowsMantle = true
        #expect(try Self.allows(request, role, session: Self.session("anthropic.*")) == isAllowed)
    }

    @Test func `a key's session without models still can't get past the role`() throws {
        let session = try Self.session(nil, ip: "192.0.2.0/24")
        func from(_ address: String?, _ request: Request) throws -> Bool {
            let calls = request.calls.map { call in
                let more = address.map { ["aws:SourceIp": [$0]] } ?? [:]
                return PolicyEvaluator.Call(call.action, on: call.resource, call.context.merging(more) { $1 })
            }
            return try Self.allows(Request("", calls), Self.policy(["us-east-1"]), session: session)
        }
        #expect(try from("192.0.2.7", .usEast) && from("192.0.2.7", .response))
        #expect(try !from("198.51.100.7", .usEast))
        #expect(try !from("192.0.2.7", .sonic))
        // Through a VPC endpoint AWS sees no address of the internet.
        #expect(try !from(nil, .usEast))
    }

    @Test func `a session's end denies everything from then on`() throws {
        let end = try #require(Timestamp.date("2027-01-02T03:00:00Z"))
        let session = try Self.session("anthropic.*", end: end)
        for (time, isAllowed) in [("2027-01-02T02:59:59Z", true), ("2027-01-02T03:00:00Z", false)] {
            let call = Request.model(Request.claude, "us-east-1", ["aws:CurrentTime": [time]])
            #expect(try Self.allows(Request("", [call]), Self.policy(nil), session: session) == isAllowed)
        }
    }

    @Test func `ten models, ten addresses and an end fit what STS takes`() throws {
        let models = (1...10).map { "anthropic.claude-sonnet-4-\($0)-20250929-v1:0" }.joined(separator: ",")
        let addresses = (1...10).map { "198.51.100.\($0)/32" }.joined(separator: ",")
        let longest = try SessionPolicy(
            models: ModelList(models),
            addresses: AddressList(parsing: addresses),
            end: .distantFuture
        )
        .document(.govCloud)
        #expect(longest.unicodeScalars.count <= SessionPolicy.longest, "\(longest.count)")
    }

    // MARK: The other policies

    @Test func `an ended session is denied everything, and others go on`() throws {
        let before = try #require(Timestamp.date("2027-01-02T03:00:00Z"))
        let end = SessionRevocationPolicy(
            try #require(Handle("ada")),
            .init(before: before),
            matchesSourceIdentity: true
        )
        let role = try [Self.policy(nil).document.compact(), end.document.compact()]
        func decision(_ user: String, _ issued: String, _ identity: String?) throws -> PolicyEvaluator.Decision {
            var context = ["aws:userid": ["AROAEXAMPLE:\(user)"], "aws:TokenIssueTime": [issued]]
            context["aws:SourceIdentity"] = identity.map { [$0] }
            return try PolicyEvaluator(identity: role)
                .decision(on: Request.model(Request.claude, "us-east-1", context))
        }
        #expect(try decision("ada", "2027-01-02T02:59:59Z", "ada") == .explicitlyDenied)
        #expect(try decision("ada", "2027-01-02T02:59:59Z", nil) == .explicitlyDenied)
        #expect(try decision("other", "2027-01-02T02:59:59Z", "ada") == .explicitlyDenied)
        #expect(try decision("ada", "2027-01-02T03:00:00Z", "ada") == .allowed)
        #expect(try decision("grace", "2027-01-02T02:59:59Z", "grace") == .allowed)
        #expect(try decision("nada", "2027-01-02T02:59:59Z", nil) == .allowed)
    }

    @Test func `a key's end by name leaves another key's sessions alone, and no end reaches a handle like the name`()
        throws
    {
        let before = try #require(Timestamp.date("2027-01-02T03:00:00Z"))
        let (ada, lost) = (try #require(Handle("ada")), try #require(KeyID("7c3kq9x2mzpa")))
        func isDenied(_ user: String, _ cut: SessionRevocationPolicy.Cut) throws -> Bool {
            let end = SessionRevocationPolicy(ada, cut, matchesSourceIdentity: false)
            let role = try [Self.policy(nil).document.compact(), end.document.compact()]
            let context = ["aws:userid": ["AROAEXAMPLE:\(user)"], "aws:TokenIssueTime": ["2027-01-02T02:59:59Z"]]
            return try PolicyEvaluator(identity: role)
                .decision(on: Request.model(Request.claude, "us-east-1", context)) == .explicitlyDenied
        }
        let (one, all) = (
            SessionRevocationPolicy.Cut(before: before, only: [lost]),
            SessionRevocationPolicy.Cut(before: before, keys: [lost])
        )
        #expect(try isDenied("ada+7c3kq9x2mzpa", one) && isDenied("ada+7c3kq9x2mzpa", all))
        #expect(try !isDenied("ada", one) && isDenied("ada", all))
        for other in ["ada+2222222222aa", "ada+2", "nada+7c3kq9x2mzpa", "ada+7c3kq9x2mzpa+2", "x+ada+7c3kq9x2mzpa"] {
            #expect(try !isDenied(other, one) && !isDenied(other, all), "\(other)")
        }
    }

    @Test func `the server may assume its roles and write its log, and no more`() throws {
        let role = "arn:aws:iam::123456789012:role/bedrock"
        let group = "arn:aws:logs:us-east-1:123456789012:log-group:bursar:*"
        let policies = try [
            RolePolicies(tagsSessions: true, setsSourceIdentity: true).server(roles: [role]).compact(),
            LogPolicy.document(group: group).compact(),
        ]
        let server = try PolicyEvaluator(identity: policies)
        func allows(_ action: String, _ resource: String) throws -> Bool {
            try server.decision(on: .init(action, on: resource)) == .allowed
        }
        for action in ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"] {
            #expect(try allows(action, role))
            #expect(try !allows(action, "arn:aws:iam::123456789012:role/other"))
        }
        let stream = "arn:aws:logs:us-east-1:123456789012:log-group:bursar:log-stream:i-1"
        #expect(try allows("logs:PutLogEvents", stream))
        for (action, resource) in [
            ("logs:DeleteLogStream", stream), ("logs:DeleteLogGroup", group),
            ("logs:PutLogEvents", stream.replacing(":bursar:", with: ":other:")),
            ("bedrock:InvokeModel", "arn:aws:bedrock:us-east-1::foundation-model/a.b"),
            ("iam:PutRolePolicy", role), ("s3:GetObject", "arn:aws:s3:::b/k"), ("sts:GetFederationToken", "*"),
        ] {
            #expect(try !allows(action, resource), "\(action)")
        }
    }

    private indirect enum Tree: Decodable, Equatable {
        case text(String)
        case list([Tree])
        case object([String: Tree])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                self = .text(text)
            } else if let list = try? container.decode([Tree].self) {
                self = .list(list)
            } else {
                self = .object(try container.decode([String: Tree].self))
            }
        }
    }
}
