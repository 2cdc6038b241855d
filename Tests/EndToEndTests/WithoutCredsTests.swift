import BursarFoundation
import BursarModel
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// The guide's page for machines without installed software, on a real server.
@Suite struct WithoutCredsTests {
    @Test func `what the page shows is what a person sees`() async throws {
        let page = try Page("Docs/researcher-guide/without-creds.md")
        var shown = Transcript(parsing: "")
        shown.steps = page.blocks.flatMap { Transcript(parsing: $0.lines.joined(separator: "\n")).steps }
        try #require(shown.steps.count > 10)
        let world = try World()
        let key = try await world.onboardAda()
        try Data((key.text.reveal() + "\n").utf8).write(to: URL(filePath: world.home + "/ada.key"))
        try await world.withMoto { aws in
            try await world.serve(aws) { server in
                try await Self.withBedrock(world) { bedrock in
                    let names = [
                        "https://bursar.example.org": server.url,
                        "https://bedrock-runtime.us-east-1.amazonaws.com": bedrock.url,
                    ]
                    let mark = Transcript.newMark()
                    let script = shown.script(mark) { $0.replacing(names).command }
                    let changes = ["AWS_ENDPOINT_URL": aws["AWS_ENDPOINT_URL"] ?? ""]
                    let outcome = try await world.run("/bin/bash", ["--norc", "-c", script], changes)
                    let played = shown.played(outcome.output, mark) { $0 }
                    for (now, said) in zip(played.steps, shown.steps) {
                        #expect(said.differences(from: now.lines.joined(separator: "\n")) == [])
                        #expect(now.exitCode == 0, "\(now)")
                    }
                }
            }
        }
    }

    /// A Bedrock that only checks the requests: unproven on AWS.
    private static func withBedrock(_ world: World, body: (ChildServer) async throws -> Void) async throws {
        let script = #"""
            import http.server, json
            class Handler(http.server.BaseHTTPRequestHandler):
                def log_message(self, *arguments):
                    pass
                def do_POST(self):
                    asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                    assert self.headers["Authorization"].startswith("Bearer bedrock-api-key-")
                    assert self.path.endswith("/converse") and asked["messages"][0]["content"][0]["text"]
                    body = json.dumps({"output": {"message": {"role": "assistant", "content": [{"text": "ok"}]}}},
                                      separators=(",", ":")).encode()
                    self.send_response(200)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
            server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
            print("listening", server.server_port, flush=True)
            server.serve_forever()
            """#
        try await ChildServer.run(.path(FilePath(Checkout.peer("python"))), ["-c", script], body: body)
    }
}
