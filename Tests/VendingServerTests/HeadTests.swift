import BursarFoundation
import BursarModel
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Storage
import TestSupport
import Testing
import Vending

@testable import vending_server

/// HEAD: the response of GET, without a body and without a vend.
@Suite struct HeadTests {
    private static let node = ["/usr/bin/node", "/usr/local/bin/node"].first {
        FileManager.default.fileExists(atPath: $0)
    }
    private static let tooLong =
        "HEAD / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n500\r\n"
        + String(repeating: "a", count: 1280)
    private static let wget = "/usr/bin/wget"

    private let server: TestServer

    init() throws {
        server = try TestServer()
    }

    /// The heads and the bodies of all responses.
    private func answers(to bytes: String) async throws -> (heads: [String], rest: String) {
        let text = try await server.live { port in try await RawClient.run(port, ["send"], sending: bytes) }
        let answers = text.split(separator: "HTTP/1.1 ").map { answer in
            answer.split(separator: "\r\n\r\n", omittingEmptySubsequences: false).map(String.init)
        }
        return (answers.map { $0[0] }, answers.map { $0.dropFirst().joined() }.joined())
    }

    private static func status(_ head: String) -> Int? { Int(head.prefix(3)) }

    private func head(_ path: String, withKey: Bool) -> String {
        let key = withKey ? "x-api-key: \(server.key.text.reveal())\r\n" : ""
        return "HEAD \(path) HTTP/1.1\r\nHost: x\r\n\(key)\r\n"
    }

    @Test(arguments: [
        "/", "/healthz", "/readyz", "/openapi.json", "/credentials", "/prod/credentials", "/container-credentials",
        "/token", "/token?ttl=1h&region=us-east-1", "/whoami", "/prod/whoami",
    ])
    func `each route answers HEAD with the head of GET, and the next request gets its own answer`(
        _ path: String
    ) async throws {
        let next = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        let (heads, rest) = try await answers(to: head(path, withKey: true) + next)
        #expect(heads.map(Self.status) == [200, 200])
        #expect(rest == #"{"status":"alive"}"#)
        #expect(server.vending.recorder.progress.vends == 0)
        let get = try await server.get(path)
        let sent = try #require(heads.first)
        let length = get.headers[.contentLength].map { "Content-Length: \($0)\r\n" } ?? "none"
        let vends = path.contains("credentials") || path.contains("token")
        #expect(vends ? !sent.contains("Content-Length") : (sent + "\r\n").contains(length))
        #expect(sent.contains("Content-Type: \(get.headers[.contentType] ?? "none")"))
        #expect(sent.contains("Cache-Control: no-store"))
        #expect(get.headers[.rateLimitLimit] == nil || sent.contains("RateLimit-Limit: 10000"))
    }

    @Test(arguments: [
        ("/nothing", 404), ("/credentials", 401), ("/whoami", 401), ("/token?ttl=x", 400), ("/token?region=mars", 401),
    ])
    func `a refusal of HEAD is a head too`(_ path: String, _ status: Int) async throws {
        let (heads, rest) = try await answers(to: head(path, withKey: false))
        #expect(heads.map(Self.status) == [status])
        #expect(rest.isEmpty)
    }

    @Test func `what a vend would be refused for HEAD says, and takes nothing of the quota`() async throws {
        func status(_ path: String = "/credentials") async throws -> Int? {
            let close = "Connection: close\r\n\r\n"
            let request = String(head(path, withKey: true).dropLast()) + close
            return try await answers(to: request).heads.first.flatMap(Self.status)
        }
        for _ in 0..<3 { #expect(try await status() == 200) }
        #expect(try await status("/token?region=mars-1") == 403)
        _ = try server.store.administration.pause(by: AuditContext(actor: "test", date: Date()))
        try await server.vending.service.watch.refresh()
        #expect(try await status() == 503)
        #expect(server.vending.recorder.progress.vends == 0)
        _ = try server.store.administration.revokeKey(
            server.key.id,
            reason: "lost",
            by: AuditContext(actor: "test", date: Date())
        )
        try await server.vending.service.watch.refresh()
        #expect(try await status() == 401)
    }

    @Test(arguments: [
        ("HEAD /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n", 413),
        ("HEAD /healthz HTTP/1.1\r\nHost: x\r\nX: \(String(repeating: "a", count: 9000))\r\n\r\n", 431),
        ("HEAD /healthz HTTP/1.1\r\n\r\n", 400), ("HEAD /healthz HTTP/3.0\r\nHost: x\r\n\r\n", 400),
        ("HEAD /healthz HTTP/1.1\r\nHost: x\r\nBad Header: x\r\n\r\n", 400),
        ("\r\nHEAD /healthz HTTP/1.1\r\nHost: x\r\nX: a\u{0}b\r\n\r\n", 400),
        ("HEAD /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (tooLong, 413),
    ])
    func `what is refused before any route has no body either`(_ request: String, _ status: Int) async throws {
        let (heads, rest) = try await answers(to: request)
        #expect(heads.map(Self.status) == [status])
        #expect(rest.isEmpty)
    }

    @Test func `behind other requests too, and GET behind HEAD has its body`() async throws {
        let get = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        let ask = head("/healthz", withKey: false)
        let broken = "HEAD x\r\n\r\n"
        let (heads, rest) = try await answers(to: get + ask + get + ask + broken)
        #expect(heads.map(Self.status) == [200, 200, 200, 200, 400])
        #expect(rest == String(repeating: #"{"status":"alive"}"#, count: 2))
    }

    @Test(.enabled(if: node != nil, "node isn't here"))
    func `a client that pools its connections stays in step`() async throws {
        let script = """
            const http = require("http");
            const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
            const port = process.argv[1];
            const ask = (method, path) => new Promise((resolve, reject) => {
              http.request({ port, path, method, agent }, answer => {
                let body = "";
                answer.on("data", part => body += part);
                answer.on("end", () => resolve(answer.statusCode + ":" + body.length));
              }).on("error", reject).end();
            });
            (async () => {
              const said = [];
              for (const path of ["/healthz", "/nothing", "/readyz", "/credentials", "/"])
                for (const method of ["HEAD", "GET", "HEAD"]) said.push(await ask(method, path));
              console.log(said.map(one => one.replace(/:[1-9].*/, ":body")).join(" "));
              agent.destroy();
            })().catch(error => { console.log(error.code || error.message); process.exit(1); });
            """
        let node = try #require(Self.node)
        let outcome = try await server.live { port in
            try await Program(node, environment: ["PATH": "/usr/bin:/bin"]).run(["-e", script, "\(port)"])
        }
        let said = [200, 404, 200, 401, 200].map { "\($0):0 \($0):body \($0):0" }.joined(separator: " ")
        #expect(outcome.output == said + "\n", "\(outcome.errors)")
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: wget), "wget isn't here"))
    func `wget --spider finds what is there`() async throws {
        let codes = try await server.live { port in
            var codes: [Int?] = []
            for path in ["/healthz", "/readyz", "/", "/nothing"] {
                let program = Program(Self.wget, environment: ["PATH": "/usr/bin:/bin"])
                let outcome = try await program.run(["-q", "--spider", "http://127.0.0.1:\(port)\(path)"])
                codes.append(outcome.exitCode)
            }
            return codes
        }
        #expect(codes.prefix(3) == [0, 0, 0] && codes[3] != 0)
    }
}
