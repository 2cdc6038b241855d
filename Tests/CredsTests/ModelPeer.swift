import Subprocess
import TestSupport

/// Bedrock as a child process on loopback, with hand-made responses in AWS's form, unproven on AWS.
enum ModelPeer {
    /// An error response of `Converse`: status, code, message.
    struct ErrorReply: Sendable {
        let status: Int
        let code: String
        let message: String
    }

    /// `refusal` is the response to every call but those whose path begins with `allowed`.
    static func run<Result: Sendable>(
        _ refusal: ErrorReply? = nil,
        but allowed: String = "-",
        body: ([String: String]) async throws -> Result
    ) async throws -> Result {
        let plan = refusal.map { ["\($0.status)", $0.code, $0.message, allowed] } ?? []
        return try await ChildServer.run(.name("python3"), ["-c", script] + plan) { server in
            try await body([
                "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": server.url, "AWS_ENDPOINT_URL_BEDROCK": server.url,
            ])
        }
    }

    private static let script = #"""
        import http.server, json, sys
        refusal = sys.argv[1:]
        haiku, old = "anthropic.claude-3-haiku-20240307-v1:0", "meta.llama2-13b-v1"
        model = lambda id, provider, name, types, status: {
            "modelArn": "arn:aws:bedrock:us-east-1::foundation-model/" + id, "modelId": id, "modelName": name,
            "providerName": provider, "inferenceTypesSupported": types, "modelLifecycle": {"status": status}}
        profile = lambda id, name, kind: {
            "inferenceProfileArn": "arn:aws:bedrock:us-east-1:123456789012:" + id, "inferenceProfileId": id,
            "inferenceProfileName": name, "type": kind, "status": "ACTIVE",
            "models": [{"modelArn": "arn:aws:bedrock:us-east-1::foundation-model/" + haiku}]}

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *arguments):
                pass

            def do_GET(self):
                if "/foundation-models" in self.path:
                    return self.answer({"modelSummaries": [
                        model(old, "Meta", "Llama 2, 13B", ["ON_DEMAND"], "LEGACY"),
                        model(haiku, "Anthropic", "Claude 3 Haiku", ["INFERENCE_PROFILE"], "ACTIVE")]})
                if "type=APPLICATION" in self.path:
                    return self.answer({"inferenceProfileSummaries": [
                        profile("application-inference-profile/lab", "lab", "APPLICATION")]})
                self.answer({"inferenceProfileSummaries": [
                    profile("us." + haiku, "US Claude 3 Haiku", "SYSTEM_DEFINED")]})

            def do_POST(self):
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                assert asked["inferenceConfig"]["maxTokens"] <= 16
                self.answer({"output": {"message": {"role": "assistant", "content": [{"text": "ok"}]}},
                             "stopReason": "end_turn", "usage": {"inputTokens": 9, "outputTokens": 4}})

            def answer(self, body):
                status = 200
                if not self.headers["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=ASIAEXAMPLE"):
                    status, body = 403, {"message": "unsigned"}
                elif refusal and not self.path.startswith(refusal[3]):
                    status, body = int(refusal[0]), {"message": refusal[2]}
                body = json.dumps(body).encode()
                self.send_response(status)
                if status != 200:
                    self.send_header("x-amzn-ErrorType", refusal[1] if refusal else "AccessDeniedException")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        print("listening", server.server_port, flush=True)
        server.serve_forever()
        """#
}
