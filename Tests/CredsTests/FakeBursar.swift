import BursarFoundation
import BursarModel
import Subprocess
import SystemPackage
import TestSupport

/// A server as a child process with scripted responses, which counts the requests for credentials.
struct FakeBursar {
    private let server: ChildServer
    private let home: Home

    /// A response of `/credentials`, as a line of JSON.
    enum Answer: String, CaseIterable {
        case hour = #"{"life": 3600}"#
        case fiveMinutes = #"{"life": 300}"#
        case fourteenMinutes = #"{"life": 840}"#
        case nineMinutes = #"{"life": 540}"#
        /// A session that lives as long as requested and a minute, or 20 minutes.
        case wish = #"{"wish": 1, "life": 1200}"#
        case twoSeconds = #"{"life": 2}"#
        case expired = #"{"life": -60}"#
        case week = #"{"life": 604800}"#
        case slow = #"{"life": 3600, "delay": 1}"#
        case endless = #"{"life": 3600, "delay": 60}"#
        case html = #"{"body": "<html>Please log in</html>"}"#
        case list = #"{"body": "[]"}"#
        case incomplete = #"{"body": "{\"Version\":1,\"AccessKeyId\":\"ASIAEXAMPLE0000000001\"}"}"#
        case redirect = #"{"status": 302, "location": "/elsewhere"}"#
        case revoked = #"{"status": 401, "error": "key_revoked"}"#
        case address = #"{"status": 403, "error": "address_refused"}"#
        case limited = #"{"status": 429, "error": "rate_limited"}"#
        case broken = #"{"status": 500, "error": "internal"}"#
        case unavailable = #"{"status": 503, "error": "aws_unavailable"}"#
        case gateway = #"{"status": 502, "body": "<html>Bad gateway</html>"}"#
        case echo = #"{"status": 401, "error": "key_revoked", "message": "no good: KEY", "researcher": "KEY"}"#
        /// `then` is the response of `/whoami` from the second request on, when the profile is installed already.
        case revokedThen = #"{"life": 3600, "then": {"status": 401, "error": "key_revoked"}}"#
        case addressThen = #"{"life": 3600, "then": {"status": 403, "error": "address_refused"}}"#
        case disabledThen = #"{"life": 3600, "then": {"status": 403, "error": "researcher_disabled"}}"#
        case htmlThen = #"{"life": 3600, "then": {"status": 200, "body": "<html>Please log in</html>"}}"#
        case redirectThen = #"{"life": 3600, "then": {"status": 302, "body": "", "location": "/elsewhere"}}"#
        case silentThen = #"{"life": 3600, "then": {"status": 200, "body": "", "delay": 60}}"#
        /// The server's clock skew in seconds.
        case slowClock = #"{"life": 3600, "skew": -600}"#
        case fastClock = #"{"life": 3600, "skew": 600}"#
        case lazyClock = #"{"life": 3600, "skew": -90}"#
        /// The days until the key expires.
        case endingKey = #"{"life": 3600, "keyDays": 3}"#
        case evil = #"{"status": 401, "error": "key_revoked", "message": "\u001b[2Jgone"}"#
    }

    /// Sends `answers` one after the other, and repeats the last.
    static func run<Result: Sendable>(
        _ answers: Answer...,
        home: Home,
        body: (FakeBursar) async throws -> Result
    ) async throws -> Result {
        try await run(plan: "[" + answers.map(\.rawValue).joined(separator: ",") + "]", home: home, body: body)
    }

    /// Sends responses by the name of an ``Answer`` or an ``ErrorCode``; `home.answer(_:)` changes them meanwhile.
    static func run<Result: Sendable>(
        answering name: String,
        home: Home,
        body: (FakeBursar) async throws -> Result
    ) async throws -> Result {
        try await run(plan: "[" + json(name) + "]", home: home, body: body)
    }

    /// A response as a line of JSON.
    static func json(_ name: String) -> String {
        if let answer = Answer.allCases.first(where: { "\($0)" == name }) { return answer.rawValue }
        guard let code = ErrorCode(rawValue: name) else { preconditionFailure("\(name) is no answer") }
        return #"{"status": \#(code.status), "error": "\#(code.rawValue)"}"#
    }

    private static func run<Result: Sendable>(
        plan: String,
        home: Home,
        body: (FakeBursar) async throws -> Result
    ) async throws -> Result {
        let refusals = ErrorCode.allCases.map { ($0.rawValue, $0.message) }
        let sentences = try JSONEncoder().encode(Dictionary(uniqueKeysWithValues: refusals))
        return try await ChildServer.run(
            .name("python3"),
            ["-c", script, plan, home.path.appending("asked").string, String(decoding: sentences, as: UTF8.self)]
        ) { server in
            try await body(FakeBursar(server: server, home: home))
        }
    }

    var url: String { server.url }
    /// `asked` for each request for credentials.
    var lines: AsyncStream<String> { server.lines }

    /// The number of requests for credentials.
    var asked: Int { home.text("asked")?.count { $0 == "." } ?? 0 }
    /// The number of requests for unknown paths.
    var strays: Int { home.text("asked")?.count { $0 == "!" } ?? 0 }

    func install(_ options: String...) async throws -> Program.Outcome {
        try await Program(Checkout.program("creds"), environment: home.environment)
            .run(["install", "--url", url] + options, input: Home.key)
    }

    private static let script = #"""
        import datetime, http.server, json, os, sys, threading, time
        answers, log = json.loads(sys.argv[1]), open(sys.argv[2], "ab", buffering=0)
        sentences = json.loads(sys.argv[3])
        lock, count, seen = threading.Lock(), 0, 0
        # What is in this file counts for every request.
        override = os.path.join(os.path.dirname(sys.argv[2]), "answer")
        now = lambda **offset: datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(**offset)

        def overriding():
            if os.path.exists(override):
                with open(override) as file:
                    return json.load(file)

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *arguments):
                pass

            def do_GET(self):
                global count
                plan = overriding()
                if self.path == "/whoami":
                    if plan and "life" not in plan:
                        return self.other(plan)
                    return self.whoami(plan or answers[0])
                path, _, query = self.path.partition("?")
                if path != "/credentials" or query and not query.startswith("min-left="):
                    log.write(b"!")
                    return self.answer(404, {"message": "no", "error": "not_found", "requestID": "r"})
                with lock:
                    plan = plan or answers[min(count, len(answers) - 1)]
                    count += 1
                    number = count
                    log.write(b".")
                    print("asked", flush=True)
                time.sleep(plan.get("delay", 0))
                if "life" in plan:
                    life = int(query[9:]) + 60 if query and "wish" in plan else plan["life"]
                    end = now(seconds=life)
                    return self.answer(200, {"Version": 1, "AccessKeyId": "ASIAEXAMPLE%010d" % number,
                                             "SecretAccessKey": "s" * 40, "SessionToken": "t" * 300,
                                             "Expiration": end.strftime("%Y-%m-%dT%H:%M:%S+00:00")})
                self.other(plan)

            def whoami(self, plan):
                global seen
                seen += 1
                if seen > 1 and "then" in plan:
                    time.sleep(plan["then"].get("delay", 0))
                    return self.other(plan["then"])
                end = now(days=plan["keyDays"], minutes=1) if "keyDays" in plan else now(days=400)
                self.answer(200, {"researcher": self.said(plan.get("researcher", "ada")), "keyID": "0123456789ab",
                                  "keyExpires": end.strftime("%Y-%m-%dT%H:%M:%SZ"), "address": "127.0.0.1"})

            def other(self, plan):
                if "error" in plan:
                    message = self.said(plan.get("message", sentences.get(plan["error"])))
                    return self.answer(plan["status"], {"message": message, "error": plan["error"], "requestID": "r"})
                self.answer(plan.get("status", 200), plan.get("body", ""), plan.get("location"))

            def date_time_string(self, timestamp=None):
                return super().date_time_string(time.time() + (overriding() or answers[0]).get("skew", 0))

            def said(self, text):
                return text.replace("KEY", self.headers["x-api-key"])

            def answer(self, status, body, location=None):
                body = (body if isinstance(body, str) else json.dumps(body)).encode()
                self.send_response(status)
                if location:
                    self.send_header("Location", location)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        class Server(http.server.ThreadingHTTPServer):
            request_queue_size = 256
            daemon_threads = True

        server = Server(("127.0.0.1", 0), Handler)
        print("listening", server.server_port, flush=True)
        server.serve_forever()
        """#
}
