import BursarFoundation
import TestSupport
import Testing

/// `admin whatif`: the decision and the rule behind it.
@Suite struct WhatIfTests {
    private static let settings = [
        "BURSAR_ROLE_ARN": "arn:aws:iam::123456789012:role/bedrock", "BURSAR_REGION": "us-east-1",
    ]

    private struct Report: Decodable {
        struct Key: Decodable {
            struct Rule: Decodable {
                let rule: String
                let outcome: String
            }

            struct Session: Decodable {
                let seconds: Int
                let ends: String
                let policySize: Int?
            }

            let key: String
            let decision: String
            let rule: String?
            let code: String?
            let rules: [Rule]
            let session: Session?
            let modelAllowed: Bool?
        }

        let assumptions: [String]
        let keys: [Key]
    }

    private let home: OperatorHome

    init() throws {
        home = try OperatorHome()
    }

    private func whatif(_ options: String = "", _ changes: [String: String] = [:]) async throws -> Report {
        let settings = Self.settings.merging(changes) { $1 }
        return try decoded(try await home.output("whatif ada --format json " + options, settings: settings))
    }

    /// The outcome for each key.
    private func answers(_ options: String = "", _ changes: [String: String] = [:]) async throws -> [String] {
        try await whatif(options, changes).keys.map { key in
            [key.decision, key.rule, key.code].compactMap(\.self).joined(separator: " ")
        }
    }

    @Test func `a key in order would be vended, for an hour, without a session policy`() async throws {
        try await home.addAda()
        _ = try await home.issueKey()
        let report = try await whatif("--ip 192.0.2.1")
        let key = try #require(report.keys.first)
        #expect(key.decision == "vend")
        #expect(key.rules.allSatisfy { $0.outcome == "passes" })
        #expect(key.session?.seconds == 3600)
        #expect(key.session?.policySize == nil)
        #expect(report.assumptions.isEmpty)
    }

    @Test func `rules stand in the order in which the server asks them`() async throws {
        try await home.addAda()
        _ = try await home.issueKey()
        let names = try await whatif().keys.first?.rules.map(\.rule)
        #expect(
            names == [
                "server_addresses", "key_state", "key_addresses", "region", "paused", "quota", "session_policy",
            ]
        )
    }

    @Test func `each rule refuses with the server's word`() async throws {
        try await home.addAda()
        let key = try await home.issueKey("--ip 192.0.2.0/24 --daily-limit 3 --expires 30d")
        let from = "--ip 192.0.2.1"
        #expect(try await answers(from) == ["vend"])
        #expect(try await answers(from, ["BURSAR_ALLOW": "10.0.0.0/8"]) == ["refuse server_addresses address_refused"])
        #expect(try await answers("--ip 198.51.100.1") == ["refuse key_addresses address_refused"])
        #expect(try await answers(from + " --at 2099-01-01") == ["refuse key_state key_expired"])
        #expect(try await answers(from + " --token-region eu-west-1") == ["refuse region region_refused"])
        #expect(try await answers(from + " --token-region us-east-1") == ["vend"])
        _ = try await home.output("vending pause --yes")
        #expect(try await answers(from) == ["refuse paused paused"])
        _ = try await home.output("vending resume")
        try await home.tamper("UPDATE keys SET daily_limit = 0")
        #expect(try await answers(from) == ["refuse quota quota_exhausted"])
        try await home.tamper("UPDATE keys SET daily_limit = NULL; UPDATE researchers SET disabled_at = 1")
        #expect(try await answers(from) == ["refuse key_state researcher_disabled"])
        try await home.tamper("UPDATE researchers SET disabled_at = NULL, ends_at = 1")
        #expect(try await answers(from) == ["refuse key_state researcher_disabled"])
        try await home.tamper("UPDATE researchers SET ends_at = NULL")
        _ = try await home.output("keys revoke \(key) --yes --reason lost")
        #expect(try await answers(from) == ["refuse key_state key_revoked"])
    }

    @Test func `the quota counts the day's vends`() async throws {
        try await home.addAda()
        let key = try await home.issueKey("--daily-limit 3 --expires 300d")
        let today = "CAST(strftime('%s') / 86400 AS INTEGER)"
        try await home.tamper("INSERT INTO usage_daily VALUES (\(today), '\(key)', 'vended', 3, 1)")
        #expect(try await answers() == ["refuse quota quota_exhausted"])
        try await home.tamper("UPDATE usage_daily SET count = 2")
        #expect(try await answers() == ["vend"])
    }

    @Test func `without an address a list leaves it open`() async throws {
        try await home.addAda()
        _ = try await home.issueKey("--ip 192.0.2.0/24")
        #expect(try await answers() == ["open"])
        #expect(
            try await home.output("whatif ada", settings: Self.settings).contains("from an address that the lists take")
        )
    }

    @Test func `a session ends with its key, and its policy says so`() async throws {
        try await home.addAda()
        _ = try await home.issueKey("--expires 10m --models anthropic.*")
        let session = try #require(try await whatif().keys.first?.session)
        #expect((1...600).contains(session.seconds))
        #expect((session.policySize ?? 0) > 300)
        #expect(try await home.output("whatif ada", settings: Self.settings).contains("aws:CurrentTime"))
    }

    @Test func `a session policy that STS would refuse is a refusal`() async throws {
        try await home.addAda()
        _ = try await home.issueKey()
        let models = (1...20).map { "anthropic.\(String(repeating: "x", count: 100))\($0)" }.joined(separator: ",")
        try await home.tamper("UPDATE keys SET models = '\(models)'")
        #expect(try await answers() == ["refuse session_policy role_refused"])
    }

    @Test func `a row that makes no sense is a refusal`() async throws {
        try await home.addAda()
        _ = try await home.issueKey()
        try await home.tamper("UPDATE keys SET models = 'a/b'")
        #expect(try await answers() == ["refuse row internal"])
    }

    @Test func `a model is held to the key's, under each of its names`() async throws {
        try await home.addAda()
        _ = try await home.issueKey("--models anthropic.claude-*")
        for (model, isAllowed) in [
            ("anthropic.claude-x-v1:0", true), ("eu.anthropic.claude-x-v1:0", true),
            ("global.anthropic.claude-x-v1:0", true), ("meta.llama3", false), ("us.meta.llama3", false),
            ("arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-x", true),
            ("arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.meta.llama3", false),
        ] {
            #expect(try await whatif("--model \(model)").keys.first?.modelAllowed == isAllowed, "\(model)")
        }
        let own = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc"
        #expect(try await whatif("--model \(own)").keys.first?.modelAllowed == nil)
    }

    /// With a key for any model too: the role's own policy allows none of these.
    @Test(arguments: [
        ("arn:aws:bedrock:us-east-1:123456789012:imported-model/abc", "it is an imported model"),
        ("arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abc", "it is provisioned throughput"),
        ("arn:aws:bedrock:us-east-1:123456789012:custom-model-deployment/abc", "it is a custom model's deployment"),
        ("arn:aws:bedrock:us-east-1:123456789012:custom-model/abc", "it is a custom model"),
        ("arn:aws:bedrock:us-east-1:123456789012:default-prompt-router/anthropic.claude:1", "it is a prompt router"),
        ("arn:aws:bedrock:us-east-1:123456789012:prompt-router/abc", "it is a prompt router"),
        ("arn:aws:bedrock:us-east-1:123456789012:prompt/ABCDEF:1", "it is a prompt"),
        ("arn:aws:sagemaker:us-east-1:123456789012:endpoint/abc", "it is a Marketplace endpoint"),
        ("arn:aws:bedrock:us-east-1:123456789012:flow/abc", "of the kind flow"),
        ("arn:aws:bedrock:us-east-1:210987654321:inference-profile/us.anthropic.claude-x", "of account 210987654321"),
        ("arn:aws:bedrock:us-east-1:210987654321:application-inference-profile/abc", "of account 210987654321"),
        ("arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/anthropic.claude-x", "it is of aws-us-gov"),
    ])
    func `what no policy allows is refused, whatever the key's models, and says why`(
        _ model: String,
        _ words: String
    ) async throws {
        try await home.addAda()
        _ = try await home.issueKey("--models anthropic.claude-*")
        _ = try await home.issueKey()
        let text = try await home.output("whatif ada --model \(model)", settings: Self.settings)
        let lines = text.split(separator: "\n").filter { $0.hasPrefix("  model ") }
        #expect(
            lines.count == 2 && lines.allSatisfy { $0.contains(words) && $0.hasSuffix("so AWS refuses it") },
            "\(lines)"
        )
        #expect(try await whatif("--model \(model)").keys.map(\.modelAllowed) == [false, false])
    }

    @Test(arguments: ["arn:aws-iso:bedrock:us-iso-east-1::foundation-model/a.b", "arn:aws:s3:::bucket/a", "us.", "a b"])
    func `what is no model is refused`(model: String) async throws {
        try await home.addAda()
        _ = try await home.issueKey()
        let refused = try await home.admin("whatif ada --model", model, settings: Self.settings)
        #expect(
            refused.exitCode == 64 && refused.output.isEmpty && refused.errors.contains("--model"),
            "\(refused.errors)"
        )
    }

    @Test func `a model that the key doesn't allow is in the headline`() async throws {
        try await home.addAda()
        let key = try await home.issueKey("--models anthropic.claude-*")
        let text = try await home.output("whatif ada --model meta.llama3", settings: Self.settings)
        #expect(text.contains("ada, key \(key): would be vended, but AWS refuses meta.llama3\n"))
        #expect(try await answers("--model meta.llama3") == ["vend"])
        let other = try await home.output("whatif ada --model anthropic.claude-x", settings: Self.settings)
        #expect(other.contains("ada, key \(key): would be vended\n"))
    }

    @Test func `of several keys, each one's verdict comes before all details`() async throws {
        try await home.addAda()
        let keys = [try await home.issueKey("--models anthropic.*"), try await home.issueKey()]
        let text = try await home.output("whatif ada --model meta.llama3", settings: Self.settings)
        let summary = text.split(separator: "\n").prefix { !$0.hasPrefix("  ") }
        #expect(summary.contains("ada, key \(keys[0]): would be vended, but AWS refuses meta.llama3"))
        #expect(summary.contains("ada, key \(keys[1]): would be vended"))
    }

    @Test func `each key is answered for, or the one that is named`() async throws {
        try await home.addAda()
        let first = try await home.issueKey()
        let second = try await home.issueKey()
        #expect(try await whatif().keys.count == 2)
        #expect(try await whatif("--key \(second)").keys.map(\.key) == [second])
        #expect(try await home.admin("whatif ada --key zzzz").exitCode == 1)
        #expect(first != second)
    }

    @Test func `missing settings are assumed, with a note`() async throws {
        try await home.addAda()
        _ = try await home.issueKey()
        let text = try await home.output("whatif ada")
        #expect(text.contains("assumed: the server's settings are not complete here"))
        #expect(text.contains("would be vended"))
        let simulated = try await home.output("whatif ada", settings: ["BURSAR_ISSUER": "simulated"])
        #expect(simulated.contains("simulates credentials"))
        #expect(try await home.admin("whatif ada", settings: ["BURSAR_RATE": "x"]).exitCode == 1)
    }

    @Test(arguments: [
        ("whatif ad", "did you mean ada?"), ("whatif ada", "has no key"), ("whatif ada --ip x", "not an address"),
        ("whatif ada --at yesterday", "neither a day nor a time"), ("whatif ada --model a*b", "not a model's id"),
    ])
    func `what can't be asked is refused`(_ line: String, _ words: String) async throws {
        try await home.addAda()
        let outcome = try await home.admin(line)
        #expect(outcome.exitCode == (line.contains("--") ? 64 : 1))
        #expect(outcome.errors.contains(words), "\(outcome.errors)")
    }
}
