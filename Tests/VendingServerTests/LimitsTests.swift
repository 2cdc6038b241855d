import BursarFoundation
import BursarModel
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import ServerSettings
import TestSupport
import Testing

@testable import vending_server

/// The limits on requests and their duration; the client sends bytes.
@Suite struct LimitsTests {
    private let server: TestServer

    init() throws {
        server = try TestServer()
    }

    private func answers(to bytes: String) async throws -> String {
        try await server.live { port in try await RawClient.run(port, ["send"], sending: bytes) }
    }

    private static let get = "GET /healthz HTTP/1.1\r\nHost: x\r\n"
    private static let padding = String(repeating: "a", count: 3000)
    private static let longField = "\(get)X: \(String(repeating: "a", count: 4097))\r\n\r\n"
    private static let longHead = "\(get)X: \(padding)\r\nX: \(padding)\r\nX: \(padding)\r\n\r\n"
    private static let longTarget = "GET /\(String(repeating: "a", count: 8200)) HTTP/1.1\r\nHost: x\r\n\r\n"
    private static let megabyte = String(repeating: "a", count: 1 << 20)

    @Test(arguments: [
        // Malformed, or a smuggler's.
        (get + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "bad_request"),
        (get + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400, "bad_request"),
        (get + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400, "bad_request"),
        (get + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", 400, "bad_request"),
        (get + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400, "bad_request"),
        (get + "Content-Length: -1\r\n\r\n", 400, "bad_request"),
        (get + "Bad Header: x\r\n\r\n", 400, "bad_request"), (get + " folded: x\r\n\r\n", 400, "bad_request"),
        (get + "X: a\r\n b\r\n\r\n", 400, "bad_request"), (get + "X: \u{0}\r\n\r\n", 400, "bad_request"),
        ("GET /x y HTTP/1.1\r\n\r\n", 400, "bad_request"), ("GET /healthz HTTP/3.0\r\n\r\n", 400, "bad_request"),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "bad_request"),
        // Too large.
        (get + "X: \(megabyte)\r\n\r\n", 431, "too_large"), ("GET /\(megabyte) HTTP/1.1\r\n\r\n", 431, "too_large"),
        (get + (0..<200).map { "X\($0): y\r\n" }.joined() + "\r\n", 431, "too_large"),
        (longField, 431, "too_large"), (longHead, 431, "too_large"), (longTarget, 431, "too_large"),
        (get + "Content-Length: 1025\r\n\r\n" + megabyte, 413, "too_large"),
        (get + "Content-Length: 99999999999999999999\r\n\r\n", 400, "bad_request"),
        (get + "Transfer-Encoding: chunked\r\n\r\n401\r\n" + megabyte, 413, "too_large"),
        // Not for this server.
        ("TRACE /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 405, "method_not_allowed"),
        ("BREW /healthz HTTP/1.1\r\nHost: x\r\n\r\n", 405, "method_not_allowed"),
        ("get /healthz HTTP/1.1\r\nHost: x\r\n\r\n", 405, "method_not_allowed"),
        ("X-Y_z!1 /healthz HTTP/1.1\r\nHost: x\r\n\r\n", 405, "method_not_allowed"),
        ("\r\n\r\nBREW / HTTP/1.1\r\nHost: x\r\n\r\n", 405, "method_not_allowed"),
        // Not even a method.
        ("nonsense\r\n\r\n", 400, "bad_request"), ("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}", 400, "bad_request"),
        ("G<T / HTTP/1.1\r\nHost: x\r\n\r\n", 400, "bad_request"), ("{\"a\": 1}\r\n\r\n", 400, "bad_request"),
        (" GET / HTTP/1.1\r\nHost: x\r\n\r\n", 400, "bad_request"), ("SSH-2.0-OpenSSH_9\r\n", 400, "bad_request"),
        ("CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n", 405, "method_not_allowed"),
        ("PROPFIND /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 405, "method_not_allowed"),
    ])
    func `what can't be served is answered in our own form, and the connection ends`(
        _ request: String,
        _ status: Int,
        _ code: String
    ) async throws {
        let answer = try await answers(to: request)
        #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(answer)")
        let body = answer.split(separator: "\r\n\r\n").last.map(String.init) ?? ""
        let refusal = try JSONDecoder().decode(ErrorResponse.self, from: Data(body.utf8))
        #expect(refusal.error == code)
        #expect(!refusal.requestID.isEmpty)
        #expect(answer.lowercased().contains("cache-control: no-store"))
        #expect(answer.ranges(of: "HTTP/1.1 ").count == 1)
    }

    @Test(arguments: [
        get + "Content-Length: 1024\r\nConnection: close\r\n\r\n" + String(repeating: "a", count: 1024),
        get + "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\nab\r\n0\r\n\r\n",
        get + "X: " + String(repeating: "a", count: 4000) + "\r\nConnection: close\r\n\r\n",
    ])
    func `what is within bounds is served`(_ request: String) async throws {
        #expect(try await answers(to: request).hasPrefix("HTTP/1.1 200 "))
    }

    @Test func `a request that offers another protocol is answered, and the connection ends`() async throws {
        let offer = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\n"
        let answer = try await answers(to: Self.get + offer + Self.get + "\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 200 "))
        #expect(answer.contains("Connection: close\r\n"))
        #expect(answer.ranges(of: "HTTP/1.1 ").count == 1)
    }

    @Test func `a client that asks before it sends its body gets 100 Continue`() async throws {
        let asking = "Expect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\nab"
        let answer = try await answers(to: Self.get + asking)
        #expect(answer.hasPrefix("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 "), "\(answer)")
    }

    @Test func `requests in one go are answered in their order, the broken one last`() async throws {
        let sound = Self.get + "\r\n"
        let answer = try await answers(to: sound + sound + sound + "GET x\r\n\r\n" + sound)
        let statuses = answer.ranges(of: "HTTP/1.1 ").map { answer[$0.upperBound...].prefix(3) }
        #expect(statuses == ["200", "200", "200", "400"])
    }

    @Test func `a request that comes byte by byte is cut off, however steadily it comes`() async throws {
        let head = Self.get + "X: " + String(repeating: "a", count: 1000)
        let limits = TestServer.patient(request: .milliseconds(500))
        let result = try await server.live(limits: limits) { port in
            try await RawClient.run(port, ["drip"], sending: head)
        }
        let fields = try JSONDecoder().decode([String: Double].self, from: Data(result.utf8))
        #expect(try #require(fields["sent"]) < 900)
    }

    @Test func `a client that asks and never reads is cut off`() async throws {
        let limits = TestServer.patient(request: .milliseconds(500))
        // Each as large as one read, with a long response.
        let request = "GET /openapi.json HTTP/1.1\r\nHost: x\r\nX: \(Self.padding)\r\n\r\n"
        let result = try await server.live(limits: limits) { port in
            try await RawClient.run(port, ["stall"], sending: request)
        }
        #expect(result == "closed\n")
    }

    private struct Full: Decodable {
        let answered: Bool
        let closed: [Int]
    }

    @Test func `past the limit the connection that has been idle longest makes room`() async throws {
        let real = try RealServer()
        try await real.serve(["BURSAR_HTTP_CONNECTIONS": "3"]) { server in
            let request = Self.get + "Connection: close\r\n\r\n"
            let result = try await RawClient.run(server.port, ["full", "3"], sending: request)
            let full = try JSONDecoder().decode(Full.self, from: Data(result.utf8))
            #expect(full.answered)
            #expect(full.closed == [1])
            server.stop()
            var warnings: [String] = []
            for await line in server.lines where line.contains("idle connections") { warnings.append(line) }
            #expect(warnings.count == 1)
            #expect(warnings.first?.contains("few more can be held") == true)
        }
    }

    @Test func `an address holds its share of the connections, and no more`() async throws {
        let real = try RealServer()
        try await real.serve(["BURSAR_HTTP_CONNECTIONS": "300"]) { server in
            let request = Self.get + "Connection: close\r\n\r\n"
            let result = try await RawClient.run(server.port, ["full", "64"], sending: request)
            let full = try JSONDecoder().decode(Full.self, from: Data(result.utf8))
            #expect(full.answered)
            #expect(full.closed == [1])
        }
    }

    @Test(arguments: [
        // Nothing, part of the first request, a whole one and part of the next, several and part of one.
        ("", 0), (get, 0), ("\(get)\r\n\(get)", 1), ("\(get)\r\n\(get)\r\n\(get)X: a", 2), ("\(get)\r\nG", 1),
        ("\(get)\r\n\(get)X: \(padding)", 1),
    ])
    func `a client that leaves its first or next request unfinished is cut off`(
        _ bytes: String,
        _ answers: Int
    ) async throws {
        // The limit is the same for the whole requests, which have to be read before it strikes.
        let isCutOff = try await Waiting.withLongerLimits { limit in
            let result = try await server.live(limits: TestServer.patient(request: limit)) { port in
                try await RawClient.run(port, ["silent"], sending: bytes)
            }
            return result == "{\"closed\": true, \"answers\": \(answers)}\n"
        }
        #expect(isCutOff)
    }

    @Test func `a client without a key holds no connection after the response`() async throws {
        for path in ["/nothing", "/credentials", "/whoami"] {
            let answer = try await answers(to: "GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n" + Self.get + "\r\n")
            #expect(answer.lowercased().contains("connection: close\r\n"), "\(path)")
            #expect(answer.ranges(of: "HTTP/1.1 ").count == 1, "\(path)")
        }
    }

    @Test func `a thousand idle connections are held, and served when they ask`() async throws {
        let real = try RealServer()
        // As a proxy, which has no share.
        let settings = ["BURSAR_HTTP_CONNECTIONS": "2000", "BURSAR_TRUSTED_PROXIES": "127.0.0.1"]
        try await real.serve(settings) { server in
            let request = Self.get + "Connection: close\r\n\r\n"
            let result = try await RawClient.run(server.port, ["crowd", "1000"], sending: request)
            let fields = try JSONDecoder().decode([String: Int].self, from: Data(result.utf8))
            #expect(fields == ["held": 1000, "answered": 100])
        }
    }
}
