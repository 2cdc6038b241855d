import Subprocess
import TestSupport

/// Bedrock's runtime as far as the proxy can tell, as a child process that reports events.
///
/// It accepts only a `bedrock-api-key` that began within the last minute.
enum FakeBedrock {
    static func run<Result: Sendable>(_ body: (ChildServer) async throws -> Result) async throws -> Result {
        try await ChildServer.run(.name("python3"), ["-c", script], body: body)
    }

    private static let script = #"""
        import base64, binascii, calendar, hashlib, http.server, json, select, struct, sys, threading, time
        import urllib.parse
        go = threading.Event()

        def event(kind, payload):
            headers = b""
            for name, value in ((":event-type", kind), (":content-type", "application/json"), (":message-type", "event")):
                headers += struct.pack("!B", len(name)) + name.encode() + b"\x07"
                headers += struct.pack("!H", len(value)) + value.encode()
            payload = json.dumps(payload).encode()
            prelude = struct.pack("!II", len(headers) + len(payload) + 16, len(headers))
            message = prelude + struct.pack("!I", binascii.crc32(prelude)) + headers + payload
            return message + struct.pack("!I", binascii.crc32(message))

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *arguments):
                pass

            def do_GET(self):
                if self.path == "/go":
                    go.set()
                    return self.answer({})
                self.handle_call()

            def do_POST(self):
                self.handle_call()

            def handle_call(self):
                token = self.headers.get("Authorization", "")
                prefix = "Bearer bedrock-api-key-"
                if not token.startswith(prefix):
                    return self.answer({"message": "no bearer"}, 403)
                query = urllib.parse.parse_qs(base64.b64decode(token[len(prefix):], validate=True).decode())
                start = calendar.timegm(time.strptime(query["X-Amz-Date"][0], "%Y%m%dT%H%M%SZ"))
                if not -5 < time.time() - start < 60:
                    return self.answer({"message": "an old bearer"}, 403)
                key, day, region = query["X-Amz-Credential"][0].split("/")[:3]
                model = self.path.split("/")[2] if self.path.count("/") > 1 else ""
                if model == "expired":
                    self.body()
                    print("expired", key, flush=True)
                    return self.answer({"message": "The security token included in the request is expired"}, 403,
                                       {"x-amzn-ErrorType": "ExpiredTokenException"})
                if model == "broken":
                    self.send_response(200)
                    self.send_header("Content-Length", "1000")
                    self.end_headers()
                    self.wfile.write(b"a part")
                    self.close_connection = True
                    return
                if self.path.endswith("/converse-stream"):
                    return self.stream(model)
                body = self.body()
                if self.path.endswith("/converse"):
                    return self.answer({"output": {"message": {"role": "assistant", "content": [{"text": "hello"}]}},
                                        "stopReason": "end_turn", "metrics": {"latencyMs": 1},
                                        "usage": {"inputTokens": 1, "outputTokens": 2, "totalTokens": 3}})
                self.answer({"path": self.path, "key": key, "region": region, "expires": query["X-Amz-Expires"][0],
                             "length": len(body), "sha256": hashlib.sha256(body).hexdigest(),
                             "headers": sorted(self.headers.keys())})

            def body(self):
                if self.headers.get("Transfer-Encoding") == "chunked":
                    body = b""
                    while size := int(self.rfile.readline(), 16):
                        body += self.rfile.read(size)
                        self.rfile.readline()
                    self.rfile.readline()
                    return body
                return self.rfile.read(int(self.headers.get("Content-Length", 0)))

            def stream(self, model):
                self.body()
                self.send_response(200)
                self.send_header("Content-Type", "application/vnd.amazon.eventstream")
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                self.chunk(event("messageStart", {"role": "assistant"}))
                if model == "endless":
                    select.select([self.connection], [], [])
                    print("left", len(self.connection.recv(1)), flush=True)
                    self.close_connection = True
                    return
                if model == "slow":
                    go.wait()
                for text in ("one ", "two"):
                    self.chunk(event("contentBlockDelta", {"delta": {"text": text}, "contentBlockIndex": 0}))
                self.chunk(event("messageStop", {"stopReason": "end_turn"}))
                self.wfile.write(b"0\r\n\r\n")

            def chunk(self, piece):
                self.wfile.write(b"%x\r\n" % len(piece) + piece + b"\r\n")
                self.wfile.flush()

            def answer(self, body, status=200, headers={}):
                body = json.dumps(body).encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        print("listening", server.server_port, flush=True)
        server.serve_forever()
        """#
}
