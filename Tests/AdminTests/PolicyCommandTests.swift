import BursarFoundation
import TestSupport
import Testing

/// `admin policy`, as it is run: documents on standard output, words on standard error.
@Suite struct PolicyCommandTests {
    private static let server = "arn:aws:iam::123456789012:role/vending-server"
    private static let role = "arn:aws:iam::123456789012:role/bedrock"
    private static let settings = [
        "BURSAR_ROLE_ARN": role, "BURSAR_REGION": "eu-central-1", "BURSAR_EXTERNAL_ID": "bursar-1",
        "BURSAR_SESSION_TAGS": "yes", "BURSAR_SOURCE_IDENTITY": "yes",
    ]

    private struct Document: Decodable {
        struct Statement: Decodable {
            let action: [String]
            let resource: [String]?
            let condition: [String: [String: [String]]]?

            enum CodingKeys: String, CodingKey {
                case action = "Action"
                case resource = "Resource"
                case condition = "Condition"
            }
        }

        let statements: [Statement]

        enum CodingKeys: String, CodingKey {
            case statements = "Statement"
        }

        var actions: Set<String> { Set(statements.flatMap(\.action)) }
        var resources: [String] { statements.flatMap { $0.resource ?? [] } }
    }

    private let home: OperatorHome

    init() throws {
        home = try OperatorHome()
    }

    private func document(_ line: String, _ settings: [String: String] = [:]) async throws -> Document {
        try decoded(try await home.output("policy " + line, settings: settings))
    }

    @Test func `no database is needed`() async throws {
        #expect(try await document("trust --server-role-arn \(Self.server)").actions == ["sts:AssumeRole"])
        #expect(try await document("permissions").actions.contains("bedrock:CallWithBearerToken"))
    }

    @Test func `what the server's settings say is taken from them`() async throws {
        let trust = try await document("trust --server-role-arn \(Self.server)", Self.settings)
        #expect(trust.actions == ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"])
        #expect(trust.statements.first?.condition == ["StringEquals": ["sts:ExternalId": ["bursar-1"]]])
        let own = try await document("permissions --for server", Self.settings)
        #expect(own.actions == trust.actions)
        #expect(own.resources == [Self.role])
        let access = try await document("permissions --tier region", Self.settings)
        #expect(access.resources.contains("arn:aws:bedrock:*:123456789012:application-inference-profile/*"))
        #expect(access.statements.first?.condition == ["StringEquals": ["aws:RequestedRegion": ["eu-central-1"]]])
    }

    @Test func `options come before settings`() async throws {
        let line = "trust --server-role-arn \(Self.server) --no-tags --no-source-identity --external-id other-1"
        let trust = try await document(line, Self.settings)
        #expect(trust.actions == ["sts:AssumeRole"])
        #expect(trust.statements.first?.condition == ["StringEquals": ["sts:ExternalId": ["other-1"]]])
    }

    @Test(arguments: [
        ("--region us-gov-west-1", "arn:aws-us-gov:"), ("--region cn-north-1", "arn:aws-cn:"),
        ("--partition aws-cn", "arn:aws-cn:"),
        ("--role-arn arn:aws-us-gov:iam::123456789012:role/b", "arn:aws-us-gov:"),
        ("--tier region --region us-gov-west-1 --region us-gov-east-1", "arn:aws-us-gov:"),
        ("--region eusc-de-east-1", "arn:aws-eusc:"), ("--partition aws-eusc", "arn:aws-eusc:"),
        ("--role-arn arn:aws-eusc:iam::123456789012:role/b", "arn:aws-eusc:"),
    ])
    func `the partition is the region's, the role's, or the one that is named`(
        _ options: String,
        _ start: String
    ) async throws {
        let resources = try await document("permissions " + options).resources.filter { $0 != "*" }
        #expect(!resources.isEmpty)
        #expect(resources.allSatisfy { $0.hasPrefix(start) })
    }

    @Test func `each tier allows what its name says`() async throws {
        #expect(try await !document("permissions --tier minimum").actions.contains("bedrock:ListFoundationModels"))
        #expect(try await document("permissions --tier listing").actions.contains("bedrock:GetInferenceProfile"))
        let models = try await document("permissions --tier models --models anthropic.*,meta.*")
        #expect(models.resources.contains("arn:aws:bedrock:*::foundation-model/meta.*"))
        #expect(!models.resources.contains("arn:aws:bedrock:*::foundation-model/*"))
        let global = try await document("permissions --tier region --region eu-west-1 --allow-global")
        #expect(global.statements.first?.condition?["StringEquals"]?["aws:RequestedRegion"] == ["eu-west-1"])
        #expect(!global.statements.contains { $0.condition?["StringNotEquals"] != nil })
        let shut = try await document("permissions --tier region --region eu-west-1")
        #expect(
            shut.statements.contains { $0.condition?["StringNotEquals"] == ["aws:RequestedRegion": ["unspecified"]] }
        )
    }

    @Test func `what no log meters is opened by name alone, and said to be`() async throws {
        #expect(try await !document("permissions").actions.contains { $0.hasPrefix("bedrock-mantle:") })
        let open = try await home.admin("policy permissions --mantle --allow-streams --allow-tiers")
        let actions = try (decoded(open.output) as Document).actions
        #expect(actions.isSuperset(of: ["bedrock-mantle:CallWithBearerToken", "bedrock-mantle:CreateInference"]))
        #expect(!actions.contains("bedrock:InvokeModel*"), "no deny is left")
        #expect(open.errors.contains("bedrock-mantle is open: not metered by invocation logs"), "\(open.errors)")
        #expect(open.errors.contains("streams are open: not metered") && open.errors.contains("tiers are open"))
        let said = try await home.admin("policy permissions --allow-global")
        #expect(said.exitCode == 64 && said.errors.contains("--tier region"), "\(said.errors)")
    }

    @Test func `models as people write them become the foundation model, with a word about it`() async throws {
        let written = try await home.admin("policy session --models us.anthropic.claude-x-v1:0,jp.anthropic.*")
        let models = try (decoded(written.output) as Document).resources.filter { $0.contains("foundation-model") }
        #expect(
            models == ["anthropic.claude-x-v1:0", "anthropic.*"].map { "arn:aws:bedrock:*::foundation-model/\($0)" }
        )
        #expect(written.errors.contains("us.anthropic.claude-x-v1:0 is taken as anthropic.claude-x-v1:0"))
    }

    @Test func `the server's policy has the rights to pull invocation logs only when they are asked for`() async throws
    {
        let plain = try await document("permissions --for server", Self.settings)
        #expect(!plain.actions.contains { $0.hasPrefix("logs:") })
        let pulling = try await document(
            "permissions --for server --spend --region us-east-1,eu-west-1 --log-group /theirs",
            Self.settings
        )
        let added: Set = [
            "logs:FilterLogEvents", "bedrock:GetModelInvocationLoggingConfiguration", "bedrock:ListFoundationModels",
            "bedrock:GetInferenceProfile",
        ]
        #expect(pulling.actions == plain.actions.union(added))
        let groups = pulling.resources.filter { $0.contains(":logs:") }
        let expected = ["us-east-1", "eu-west-1"].flatMap { region in
            ["/bursar/model-invocations", "/theirs"].map { "arn:aws:logs:\(region):123456789012:log-group:\($0):*" }
        }
        #expect(groups == expected)
        let own = try await document("permissions --for server --spend", Self.settings)
        #expect(own.resources.contains { $0.hasPrefix("arn:aws:logs:eu-central-1:123456789012:log-group:") })
    }

    @Test func `an operator's policy has the rights of spend setup only when they are asked for`() async throws {
        let plain = try await document("operator --account 123456789012 --region eu-central-1")
        #expect(!plain.actions.contains { $0.hasPrefix("bedrock:") })
        let spend = try await document("operator --account 123456789012 --region eu-central-1 --spend")
        #expect(spend.actions.isSuperset(of: plain.actions))
        #expect(spend.actions.contains("bedrock:PutModelInvocationLoggingConfiguration"))
        #expect(spend.resources.contains("arn:aws:iam::123456789012:role/bursar-invocation-logging"))
        #expect(spend.resources.contains("arn:aws:logs:*:123456789012:log-group:/bursar/model-invocations"))
    }

    @Test(arguments: [
        ("trust --server-role-arn arn:aws:sts::123456789012:assumed-role/vs/i-1", "a session of a role"),
        ("trust --server-role-arn arn:aws:iam::123456789012:root", "not the ARN of a role or user"),
        ("trust --server-role-arn *", "not the ARN of a role or user"),
        ("trust --server-role-arn arn:aws:iam::123456789012:role/*", "not the ARN of a role or user"),
        ("trust --server-role-arn \(server) --external-id x", "not what STS takes"),
        ("permissions --tier models", "for named models"), ("permissions --tier minimum --models x", "for any model"),
        ("permissions --tier models --models a/b", "not a pattern"),
        ("permissions --tier region", "there is no region"),
        ("permissions --tier region --region nowhere!", "not the name of a region"),
        ("permissions --tier region --region eu-west-1 --region cn-north-1", "several partitions"),
        ("permissions --partition aws-cn --role-arn \(role)", "are of aws"), ("permissions --account 12", "an account"),
        ("permissions --partition mars", "not a partition"), ("permissions --partition aws-iso", "aws-iso"),
        ("permissions --region us-isob-east-1", "aws-iso-b"),
        ("permissions --region mars-1", "not the name of a region"),
        ("permissions --role-arn arn:aws-iso-f:iam::123456789012:role/b", "aws-iso-f"),
        ("session --models anthropic.* --partition aws-iso-e", "aws-iso-e"),
        ("operator --region us-iso-west-1", "aws-iso"), ("operator --account 12", "twelve digits"),
        ("operator --stack-name 1st", "--stack-name"), ("operator --region cn-north-1 --partition aws", "not of aws"),
        ("operator --permissions-boundary limit", "not the ARN of a policy"),
        ("operator --permissions-boundary arn:aws-cn:iam::123456789012:policy/x", "aws-cn"),
        ("operator --permissions-boundary arn:aws:iam::123456789012:policy/bursar-x", "could change it"),
        ("operator --account 210987654321 --permissions-boundary arn:aws:iam::123456789012:policy/x", "own account"),
        ("permissions --for server", "no role to assume"), ("permissions --spend", "--for server"),
        ("permissions --for server --log-group /g", "goes with --spend"),
        ("permissions --for server --spend --role-arn \(role) --region cn-north-1", "not of aws"),
        ("permissions --for server --spend --role-arn \(role) --region mars-1", "not the name of a region"),
        ("permissions --for server --spend --role-arn \(role) --log-group a*b", "not the name of a log group"),
        ("permissions --for server --spend --role-arn \(role) --account 12", "twelve digits"),
        ("session --ip nowhere", "not an address block"), ("session --models a/b", "not a pattern"),
        ("session --until 2026-02-30", "neither a day nor a time"),
    ])
    func `what can't be is refused, and nothing is printed`(_ line: String, _ words: String) async throws {
        let outcome = try await home.admin("policy " + line)
        let isAbsent = ["there is no region", "no role to assume", "several partitions"].contains(words)
        #expect(outcome.exitCode == (isAbsent ? 1 : 64))
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.contains(words), "\(outcome.errors)")
    }

    @Test func `a policy that is too large for IAM is refused, and one for inline use alone is warned about`()
        async throws
    {
        func models(_ count: Int) -> String {
            (1...count).map { "anthropic.\(String(repeating: "x", count: 110))-\($0)" }.joined(separator: ",")
        }
        let inline = try await home.admin("policy permissions --models \(models(40))")
        #expect(inline.isSuccess)
        #expect(inline.errors.contains("too many for a managed policy"))
        let outcome = try await home.admin("policy permissions --models \(models(64))")
        #expect(outcome.exitCode == 1)
        #expect(outcome.errors.contains("IAM takes 10240 inline"))
        let session = try await home.admin("policy session --models \(models(20))")
        #expect(session.exitCode == 1)
        #expect(session.errors.contains("AWS takes 2048"))
    }

    @Test func `a key's session policy is the one that the server sends`() async throws {
        try await home.addAda()
        let narrow = try await home.issueKey("--models anthropic.* --ip 9.9.9.0/24")
        let open = try await home.issueKey()
        let policy = try await document("session --key \(narrow)")
        #expect(policy.resources.contains("arn:aws:bedrock:*::foundation-model/anthropic.*"))
        #expect(!policy.actions.contains("*"))
        let pinned = try await document("session --key \(narrow)", ["BURSAR_PIN_ADDRESSES": "yes"])
        #expect(pinned.statements.last?.condition == ["NotIpAddress": ["aws:SourceIp": ["9.9.9.0/24"]]])
        let none = try await home.admin("policy session --key \(open)")
        #expect(none.isSuccess && none.output.isEmpty)
        #expect(none.errors.contains("none is sent"))
        #expect(try await home.admin("policy session --key 000000000000").errors.contains("there is no key"))
        #expect(try await home.admin("policy session").exitCode == 64)
        #expect(try await home.admin("policy session --key \(open) --models x").exitCode == 64)
    }

    /// moto holds AssumeRole to both sides' policies; policy_sentry knows every action, its resources and conditions.
    @Test func `moto and policy_sentry agree with them`() async throws {
        let user = "arn:aws:iam::123456789012:user/server"
        let trust = try await home.output("policy trust --server-role-arn \(user) --external-id bursar-1 --tags")
        let server = try await home.output(
            "policy permissions --for server --role-arn \(Self.role) --tags --source-identity"
        )
        var access: [String] = []
        for (name, options) in [
            ("minimum", "--tier minimum"), ("models", "--tier models --models anthropic.*"), ("listing", ""),
            ("region", "--tier region --region eu-central-1 --allow-global"),
            ("source", "--tier region --region eu-central-1"), ("mantle", "--models openai.* --mantle --allow-streams"),
        ] {
            access.append("\"\(name)\":" + (try await home.output("policy permissions " + options)))
        }
        let operators = "policy operator --role-arn \(Self.role)"
        access.append("\"operator\":" + (try await home.output(operators)))
        let limit = "arn:aws:iam::123456789012:policy/limit"
        access.append("\"bounded\":" + (try await home.output("\(operators) --permissions-boundary \(limit)")))
        access.append(
            "\"session\":" + (try await home.output("policy session --models anthropic.* --ip 203.0.113.0/24"))
        )
        let input = #"{"trust":\#(trust),"server":\#(server),"access":{\#(access.joined(separator: ","))}}"#
        let script = Checkout.root + "Tests/AdminTests/Peers/policies.py"
        let outcome = try await Program(
            Checkout.peer("python"),
            environment: ["PATH": "/usr/bin:/bin", "HOME": home.folder]
        )
        .run([script], input: input)
        try #require(outcome.isSuccess, "\(outcome.errors)")
        let denied = ["another external id", "another role", "another user", "session lists users"]
        let expected = Dictionary(uniqueKeysWithValues: denied.map { ($0, "AccessDenied") })
        #expect(try decoded(outcome.output) == expected)
    }
}
