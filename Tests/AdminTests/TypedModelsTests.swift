import BursarCore
import Console
import TestSupport
import Testing

@testable import admin

/// Models as people write them: what is taken, as what, and with which words.
@Suite struct TypedModelsTests {
    private func read(_ typed: String) throws -> (list: [String], warnings: [Problem]) {
        var warnings: [Problem] = []
        let list = try TypedModels([typed]).read { warnings.append($0) }
        return (list.patterns.map(\.description), warnings)
    }

    private static let claude = "anthropic.claude-sonnet-4-5-20250929-v1:0"

    @Test(arguments: [
        claude, "anthropic.*", "anthropic.claude-*", "*", "*claude*", "anth*", "meta.llama3-8b-instruct-v1:0",
        "amazon.nova-*", "openai.gpt-oss-120b-1:0", "zai.glm-4.6", "minimax.minimax-m2.1", "deepseek.v3.2",
        "mistral.mistral-7b-instruct-v0:2", "ai21.jamba-1-5-large-v1:0", "*.claude-*", "qwen.qwen3-32b-v1:0",
    ])
    func `a pattern of foundation models is taken as it stands, without a word`(pattern: String) throws {
        let (list, warnings) = try read(pattern)
        #expect(list == [pattern] && warnings.isEmpty, "\(warnings)")
    }

    @Test(arguments: [
        "us", "us-gov", "eu", "apac", "au", "ca", "jp", "sa", "me", "af", "il", "global", "mx", "eusc", "zz", "newgeo",
    ])
    func `a geography is taken off, and said`(geography: String) throws {
        for model in [Self.claude, "anthropic.claude-*", "anthropic.*"] {
            let (list, warnings) = try read("\(geography).\(model)")
            #expect(list == [model])
            #expect(warnings.map(\.problem).joined().contains("is taken as \(model)"), "\(warnings)")
        }
    }

    @Test(arguments: ["us.*", "global.*", "jp.*", "us-gov.*"])
    func `a geography alone names no model, and is refused`(pattern: String) throws {
        let problem = try #require(throws: Problem.self) { try read(pattern) }
        #expect(problem.problem.contains("and no model") && problem.hint?.contains("anthropic.claude-*") == true)
    }

    @Test(arguments: [
        ("arn:aws:bedrock:us-east-1::foundation-model/\(claude)", claude),
        ("arn:aws:bedrock:*::foundation-model/anthropic.claude-*", "anthropic.claude-*"),
        ("arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/amazon.nova-pro-v1:0", "amazon.nova-pro-v1:0"),
        ("arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.\(claude)", claude),
        ("arn:aws:bedrock:eu-west-1:123456789012:inference-profile/global.\(claude)", claude),
    ])
    func `an ARN of a model or of AWS's profile is taken as its model`(arn: String, model: String) throws {
        let (list, warnings) = try read(arn)
        #expect(list == [model] && warnings.count == 1)
    }

    @Test(arguments: [
        ("arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/4ps1yrccq8bx", "only AWS knows"),
        ("arn:aws:bedrock:us-east-1:123456789012:imported-model/a1", "an imported model"),
        ("arn:aws:bedrock:us-east-1:123456789012:provisioned-model/a1", "provisioned throughput"),
        ("arn:aws:bedrock:us-east-1:123456789012:custom-model-deployment/a1", "a custom model's deployment"),
        ("arn:aws:bedrock:us-east-1:123456789012:default-prompt-router/a:1", "a prompt router"),
        ("arn:aws:s3:::bucket/key", "not the ARN of a model"), ("arn:aws:bedrock", "not the ARN of a model"),
        ("arn:aws-iso:bedrock:us-iso-east-1::foundation-model/a.b", "aws-iso"),
        ("arn:aws:bedrock:us-east-1:123456789012:inference-profile/global.*", "and no model"),
        ("anthropic claude", "not a pattern"), ("", "names no model"), (",", "names no model"),
        ("a.b,,c.d", "not a pattern"),
        ("${aws:x}", "not a pattern"), ("a**", "not a pattern"), (String(repeating: "a", count: 129), "not a pattern"),
    ])
    func `what no policy can name is refused, with what to write`(typed: String, words: String) throws {
        let problem = try #require(throws: Problem.self) { try read(typed) }
        #expect(problem.problem.contains(words), "\(problem)")
    }

    @Test(arguments: [
        ("claude-opus", "anthropic.claude-opus*"), ("claude*", "anthropic.claude*"),
        ("opus*", "anthropic.claude-opus*"),
        ("claude-sonnet-4-5-20250929-v1:0", "anthropic.claude-sonnet-4-5-20250929-v1:0"),
        ("llama3-70b", "meta.llama3-70b*"),
        ("nova-pro*", "amazon.nova-pro*"), ("gpt-oss-120b", "openai.gpt-oss-120b*"),
        ("mixtral-8x7b", "mistral.mixtral-8x7b*"),
        ("Claude-Haiku", "anthropic.claude-haiku*"), ("anthropic", "anthropic.*"),
        ("anthropic-claude-*", "anthropic.claude-*"),
        ("anthropic.claude-opus", "anthropic.claude-opus*"), ("Anthropic.claude-*", "anthropic.claude-*"),
        ("deepseek-r1", "deepseek.r1*"), ("us.claude-opus", "anthropic.claude-opus*"),
    ])
    func `what stands for no model is warned of, with what was probably meant`(typed: String, likely: String) throws {
        let (_, warnings) = try read(typed)
        #expect(warnings.contains { $0.hint == "perhaps \(likely)" }, "\(warnings)")
    }

    @Test(arguments: ["gizmo-3*", "acme.gizmo-3", "gizmo"])
    func `an unknown name is warned of, and taken: vendors come`(typed: String) throws {
        let (list, warnings) = try read(typed)
        #expect(list == [typed] && warnings.count == 1 && warnings[0].hint?.contains("list-foundation-models") == true)
    }

    @Test(arguments: [
        ("bedrock/us.anthropic.claude-x-1", "anthropic.claude-x-1*"),
        ("anthropic/claude-opus-4", "anthropic.claude-opus-4*"),
    ])
    func `names as other tools have them are refused, with the id`(typed: String, likely: String) throws {
        let problem = try #require(throws: Problem.self) { try read(typed) }
        #expect(problem.hint == "perhaps \(likely)", "\(problem)")
    }

    @Test func `patterns that come to the same are one`() throws {
        #expect(try read("us.\(Self.claude),eu.\(Self.claude),\(Self.claude)").list == [Self.claude])
    }

    /// Wherever models are typed, the same is taken.
    @Test func `keys, imports, policies and templates read them alike`() async throws {
        let home = try OperatorHome()
        try await home.addAda()
        let issued = try await home.admin("keys issue ada --models us.anthropic.claude-x-1")
        #expect(issued.isSuccess && issued.errors.contains("is taken as anthropic.claude-x-1"), "\(issued.errors)")
        let key = try ResearcherKey(parsing: issued.output).id
        let shown = try await home.prints("whatif ada --key \(key) --format json --model us.anthropic.claude-x-1")
        #expect(shown.contains(#""modelAllowed" : true"#) || shown.contains(#""modelAllowed":true"#), "\(shown)")
        let updated = try await home.admin("keys update \(key) --models claude-opus")
        #expect(updated.isSuccess && updated.errors.contains("perhaps anthropic.claude-opus*"), "\(updated.errors)")
        let refused = try await home.admin("keys update \(key) --models global.*")
        #expect(refused.exitCode == 64 && refused.errors.contains("names the geography global"), "\(refused.errors)")
        let file = try home.write(
            "handle,name,email,project,models\ngrace,Grace,grace@example.edu,engines,\"jp.anthropic.*,meta.*\"\n",
            to: "people.csv"
        )
        let imported = try await home.admin("keys import \(file) --output \(home.folder)/keys.csv")
        #expect(
            imported.isSuccess && imported.errors.contains("jp.anthropic.* is taken as anthropic.*"),
            "\(imported.errors)"
        )
        let template = try await home.admin("aws template --region eu-central-1 --models eu.anthropic.*")
        #expect(template.output.contains("foundation-model/anthropic.*") && template.errors.contains("is taken as"))
    }
}
