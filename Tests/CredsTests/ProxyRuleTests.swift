import Testing

@testable import creds

/// The requests that the proxy forwards, and those it refuses.
struct ProxyRuleTests {
    @Test(arguments: [
        "/model/anthropic.claude-3-haiku-20240307-v1:0/converse", "/model/us.amazon.nova-lite-v1%3A0/converse-stream",
        "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile%2Fus.a.b/invoke",
        "/model/m/invoke-with-response-stream", "/model/m/count-tokens", "/guardrail/g/version/DRAFT/apply",
        "/async-invoke", "/async-invoke?maxResults=3&statusEquals=Completed", "/async-invoke/arn%3Aaws%3Ax",
    ])
    func `what Bedrock's runtime has is sent on`(target: String) {
        #expect(BedrockRuntimeRoute.accepts(target))
    }

    @Test(arguments: [
        "", "/", "*", "model/m/invoke", "http://bedrock.example/model/m/invoke", "//model/m/invoke",
        "/foundation-models", "/inference-profiles", "/models/m/invoke", "/Model/m/invoke", "/model", "/model/",
        "/model//invoke", "/model/m/invoke/", "/model/../foundation-models", "/model/m/../../x", "/model/./invoke",
        "/model/m/..",
        "/model/%2e%2e/foundation-models", "/model/%2E./x", "/model/a%2F..%2F..%2Ffoundation-models/x",
        "/model/%2fx/invoke", "/model/a%2F%2Fb/invoke", "/model/%252e%252e/x", "/model/m%00/invoke", "/model/m%0d%0a/x",
        "/model/m%5c..%5cx/invoke", "/model/m%/invoke", "/model/m%2/invoke", "/model/m%zz/invoke", "/model/m%é/invoke",
        "/model/m%C3%A9/invoke", "/model/m invoke", "/model/m\u{7F}/invoke", "/model/m/invoke#x", "/model%2Fm/invoke",
        "/%6dodel/m/invoke", "/guardrail", "/model?x=/model/m/invoke",
        "/model/" + String(repeating: "m", count: 8192),
    ])
    func `what isn't, or could be read in two ways, is not`(target: String) {
        #expect(!BedrockRuntimeRoute.accepts(target))
    }

    @Test func `what is the connection's or the client's own stays behind`() {
        let own = [
            "Host", "Authorization", "X-Amz-Date", "x-amz-security-token", "X-AMZ-CONTENT-SHA256", "Content-Length",
            "Transfer-Encoding", "Expect", "Connection", "Keep-Alive", "TE", "Trailer", "Upgrade", "Cookie",
            "Proxy-Authorization", "Proxy-Connection", "X-Hop", "Other-Hop",
        ]
        let passed = ["Content-Type", "Accept", "X-Amzn-Bedrock-Trace", "amz-sdk-invocation-id", "anthropic-version"]
        let headers = (own + passed).map { (name: $0, value: $0 == "Connection" ? "x-hop, Other-Hop" : "v") }
        #expect(ForwardedHeaders.request(headers).map(\.name) == passed)
    }

    @Test func `Bedrock's headers pass but for those of the connection`() {
        let headers = ["Content-Length", "x-amzn-RequestId", "Transfer-Encoding", "Connection", "Keep-Alive"]
        let passed = ForwardedHeaders.response(headers.map { (name: $0, value: "1") })
        #expect(passed.map(\.name) == ["Content-Length", "x-amzn-RequestId"])
    }
}
