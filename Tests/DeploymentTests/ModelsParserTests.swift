import BursarConsole
import BursarModel
import TestSupport
import Testing

@testable import Deployment

/// Models as people write them: what is taken, as what, and with which words.
@Suite struct ModelsParserTests {
    private func read(_ typed: String) throws -> (list: [String], warnings: [UserFacingError]) {
        var warnings: [UserFacingError] = []
        let list = try ModelsParser([typed]).read { warnings.append($0) }
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

    /// Ids of all vendors, of all the forms that there have been.
    @Test(arguments: [
        "ai21.jamba-1-5-large-v1:0", "ai21.jamba-1-5-mini-v1:0", "ai21.jamba-instruct-v1:0", "ai21.j2-mid-v1",
        "ai21.j2-grande-instruct", "amazon.nova-2-lite-v1:0", "amazon.nova-2-lite-v1:0:256k",
        "amazon.nova-2-sonic-v1:0", "amazon.nova-2-5-sonic", "amazon.nova-2-multimodal-embeddings-v1:0",
        "amazon.nova-canvas-v1:0", "amazon.nova-lite-v1:0", "amazon.nova-lite-v1:0:24k", "amazon.nova-micro-v1:0",
        "amazon.nova-premier-v1:0", "amazon.nova-pro-v1:0", "amazon.nova-reel-v1:1", "amazon.nova-sonic-v1:0",
        "amazon.rerank-v1:0", "amazon.titan-embed-image-v1", "amazon.titan-embed-text-v1",
        "amazon.titan-embed-text-v2:0", "amazon.titan-embed-g1-text-02", "amazon.titan-image-generator-v2:0",
        "amazon.titan-text-express-v1", "amazon.titan-text-premier-v1:0", "amazon.titan-tg1-large",
        "anthropic.claude-3-haiku-20240307-v1:0", "anthropic.claude-3-haiku-20240307-v1:0:48k",
        "anthropic.claude-3-5-haiku-20241022-v1:0", "anthropic.claude-3-5-sonnet-20241022-v2:0",
        "anthropic.claude-3-7-sonnet-20250219-v1:0", "anthropic.claude-fable-5",
        "anthropic.claude-haiku-4-5-20251001-v1:0", "anthropic.claude-instant-v1",
        "anthropic.claude-opus-4-1-20250805-v1:0", "anthropic.claude-opus-4-20250514-v1:0",
        "anthropic.claude-opus-4-5-20251101-v1:0", "anthropic.claude-opus-4-6-v1", "anthropic.claude-opus-4-7",
        "anthropic.claude-opus-4-8", "anthropic.claude-opus-5", "anthropic.claude-sonnet-4-6",
        "anthropic.claude-sonnet-5", "anthropic.claude-v2", "anthropic.claude-v2:1", "cohere.command-r-plus-v1:0",
        "cohere.command-r-v1:0", "cohere.command-text-v14", "cohere.embed-english-v3", "cohere.embed-multilingual-v3",
        "cohere.embed-v4:0", "cohere.rerank-v3-5:0", "deepseek.r1-v1:0", "deepseek.v3-v1:0", "deepseek.v3.2",
        "google.gemma-3-12b-it", "luma.ray-v2:0", "meta.llama2-13b-chat-v1", "meta.llama3-1-8b-instruct-v1:0",
        "meta.llama3-1-8b-instruct-v1:0:128k", "meta.llama3-70b-instruct-v1:0", "meta.llama4-scout-17b-instruct-v1:0",
        "minimax.minimax-m2", "minimax.minimax-m2.5", "mistral.devstral-2-123b", "mistral.magistral-small-2509",
        "mistral.ministral-3-8b-instruct", "mistral.mistral-7b-instruct-v0:2", "mistral.mistral-large-2402-v1:0",
        "mistral.mistral-large-3-675b-instruct", "mistral.mixtral-8x7b-instruct-v0:1",
        "mistral.pixtral-large-2502-v1:0", "mistral.voxtral-mini-3b-2507", "moonshot.kimi-k2-thinking",
        "moonshotai.kimi-k2.5", "nvidia.nemotron-nano-9b-v2", "nvidia.nemotron-super-3-120b", "openai.gpt-5.5",
        "openai.gpt-oss-120b", "openai.gpt-oss-120b-1:0", "openai.gpt-oss-safeguard-20b",
        "qwen.qwen3-235b-a22b-2507-v1:0", "qwen.qwen3-32b-v1:0", "qwen.qwen3-coder-next", "qwen.qwen3-vl-235b-a22b",
        "stability.sd3-5-large-v1:0", "stability.stable-diffusion-xl-v1", "stability.stable-image-ultra-v1:1",
        "twelvelabs.marengo-embed-2-7-v1:0", "twelvelabs.pegasus-1-2-v1:0", "writer.palmyra-x4-v1:0",
        "writer.palmyra-x5-v1:0", "xai.grok-4.3", "zai.glm-4.7-flash", "zai.glm-5",
    ])
    func `a complete id is taken without a word, and as a profile's with one on its geography`(id: String) throws {
        let (list, warnings) = try read(id)
        #expect(list == [id] && warnings.isEmpty, "\(warnings)")
        #expect(try read("us." + id).warnings.count == 1)
    }

    @Test(arguments: [
        ("anthropic.claude-opus-4-1", "anthropic.claude-opus-4-1*"),
        ("anthropic.claude-opus-4-6", "anthropic.claude-opus-4-6*"),
        ("anthropic.claude-3-sonnet", "anthropic.claude-3-sonnet*"),
        ("anthropic.claude-3-haiku-20240307", "anthropic.claude-3-haiku-20240307*"),
        ("anthropic.claude-3-haiku-20240307-v1", "anthropic.claude-3-haiku-20240307*"),
        ("anthropic.claude-3-haiku-v1:0", "anthropic.claude-3-haiku*"),
        ("anthropic.claude-haiku-4-5", "anthropic.claude-haiku-4-5*"),
        ("anthropic.claude-sonnet-4", "anthropic.claude-sonnet-4*"),
        ("meta.llama3-1-8b-instruct", "meta.llama3-1-8b-instruct*"),
        ("meta.llama3-1-8b-instruct-v1", "meta.llama3-1-8b-instruct*"),
        ("amazon.nova-lite-v1", "amazon.nova-lite*"), ("amazon.nova-2-lite", "amazon.nova-2-lite*"),
        ("amazon.titan-embed-text", "amazon.titan-embed-text*"), ("ai21.jamba-1-5-mini", "ai21.jamba-1-5-mini*"),
        ("cohere.command-r-plus", "cohere.command-r-plus*"), ("cohere.embed-v4", "cohere.embed*"),
        ("cohere.rerank-v3-5", "cohere.rerank-v3-5*"), ("deepseek.r1", "deepseek.r1*"),
        ("mistral.mistral-7b-instruct", "mistral.mistral-7b-instruct*"),
        ("mistral.pixtral-large-2502", "mistral.pixtral-large-2502*"),
        ("stability.sd3-5-large", "stability.sd3-5-large*"), ("writer.palmyra-x5", "writer.palmyra-x5*"),
        ("twelvelabs.pegasus-1-2", "twelvelabs.pegasus-1-2*"),
    ])
    func `an id without its end is warned of, with the pattern that has any`(id: String, likely: String) throws {
        let (list, warnings) = try read(id)
        #expect(list == [id] && warnings.count == 1)
        #expect(warnings.first?.problem.contains("lacks the end") == true, "\(warnings)")
        #expect(warnings.first?.hint == "perhaps \(likely)", "\(warnings)")
    }

    @Test(arguments: [
        ("us.anthropic.claude-opus-4-6-v1[1m]", "perhaps anthropic.claude-opus-4-6-v1"),
        ("claude-opus-4-7[1m]", "perhaps anthropic.claude-opus-4-7"),
        ("anthropic.claude-sonnet-4-5-20250929-v1:0[1m]", "perhaps anthropic.claude-sonnet-4-5-20250929-v1:0"),
        ("claude-sonnet-4-5@20250929", "perhaps anthropic.claude-sonnet-4-5-20250929*"),
        ("claude-3-5-sonnet@20240620[1m]", "perhaps anthropic.claude-3-5-sonnet-20240620*"),
        ("anthropic.claude-*;meta.*", "commas stand between patterns: anthropic.claude-*,amazon.nova-*"),
        ("anthropic.claude-* meta.*", "commas stand between patterns: anthropic.claude-*,amazon.nova-*"),
    ])
    func `ids and lists as other programs spell them are refused, with what to write`(typed: String, hint: String)
        throws
    {
        let problem = try #require(throws: UserFacingError.self) { try read(typed) }
        #expect(problem.hint == hint, "\(problem)")
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
        let problem = try #require(throws: UserFacingError.self) { try read(pattern) }
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
        let problem = try #require(throws: UserFacingError.self) { try read(typed) }
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
        let problem = try #require(throws: UserFacingError.self) { try read(typed) }
        #expect(problem.hint == "perhaps \(likely)", "\(problem)")
    }

    @Test func `patterns that come to the same are one`() throws {
        #expect(try read("us.\(Self.claude),eu.\(Self.claude),\(Self.claude)").list == [Self.claude])
    }
}
