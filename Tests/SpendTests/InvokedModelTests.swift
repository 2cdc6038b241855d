import Spend
import Testing

struct InvokedModelTests {
    @Test(arguments: [
        ("anthropic.claude-sonnet-4-6", "anthropic.claude-sonnet-4-6", Routing.regional),
        ("us.anthropic.claude-sonnet-4-6", "anthropic.claude-sonnet-4-6", .regional),
        ("us-gov.anthropic.claude-sonnet-4-6", "anthropic.claude-sonnet-4-6", .regional),
        ("global.anthropic.claude-opus-4-7", "anthropic.claude-opus-4-7", .global),
        (
            "arn:aws:bedrock:us-west-2:123456789012:inference-profile/global.anthropic.claude-opus-4-7",
            "anthropic.claude-opus-4-7", .global
        ),
        ("arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0", "amazon.nova-lite-v1:0", .regional),
        ("openai.gpt-oss-120b-1:0", "openai.gpt-oss-120b-1:0", .regional),
    ])
    func `A foundation model is known by its id and its routing`(modelID: String, id: String, routing: Routing) {
        #expect(InvokedModel(modelID) == .foundation(id: id, routing: routing))
    }

    @Test(arguments: ["sa.anthropic.claude-sonnet-4-6", "use.anthropic.claude", "globalx.amazon.nova-lite-v1:0"])
    func `An unknown geography isn't stripped`(modelID: String) {
        #expect(InvokedModel(modelID) == .foundation(id: modelID, routing: .regional))
    }

    @Test
    func `An application profile's model isn't guessed from its ARN`() {
        let arn = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcd1234efgh"
        #expect(InvokedModel(arn) == .applicationProfile(arn: arn))
    }

    @Test(arguments: [
        "arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abc", "arn:aws:bedrock:us-east-1",
        "arn:aws:sagemaker:us-east-1:123456789012:endpoint/x", "arn:aws:bedrock:us-east-1:1:custom-model-deployment/x",
    ])
    func `Other resources have no listed price`(arn: String) {
        #expect(InvokedModel(arn) == .other(arn))
    }
}
