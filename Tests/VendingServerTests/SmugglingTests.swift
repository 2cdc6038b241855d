import BursarFoundation
import BursarModel
import HTTPTypes
import HummingbirdTesting
import TestSupport
import Testing

@testable import vending_server

/// Requests that two servers could parse differently, and pipelined requests: each gets one response or none.
@Suite struct SmugglingTests {
    private static let get = "GET /healthz HTTP/1.1\r\nHost: x\r\n"
    /// The request that a smuggler hides behind the first one.
    private static let hidden = "GET /whoami HTTP/1.1\r\nHost: x\r\n\r\n"

    private let server: TestServer

    init() throws {
        server = try TestServer()
    }

    /// The statuses of all responses in order, and true if the connection ended before the client's time limit.
    private func answers(to bytes: String) async throws -> (statuses: [Substring], text: String) {
        let text = try await server.live { port in try await RawClient.run(port, ["send"], sending: bytes) }
        return (text.ranges(of: "HTTP/1.1 ").map { text[$0.upperBound...].prefix(3) }, text)
    }

    @Test(arguments: [
        // Two lengths, or a length and chunks, in each order and disguise.
        get + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n1c\r\n" + hidden + "\r\n0\r\n\r\n",
        get + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" + hidden,
        get + "Content-Length: 0\r\nContent-Length: 44\r\n\r\n" + hidden,
        get + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello" + hidden,
        get + "Content-Length: 5, 5\r\n\r\nhello" + hidden, get + "Content-Length: +5\r\n\r\nhello" + hidden,
        get + "Content-Length: 0x5\r\n\r\nhello" + hidden, get + "Content-Length : 5\r\n\r\nhello" + hidden,
        get + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + hidden,
        get + "Transfer-Encoding: identity\r\n\r\n" + hidden,
        get + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + hidden,
        get + "Transfer-Encoding:\u{0B}chunked\r\n\r\n0\r\n\r\n" + hidden,
        get + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden,
        "GET /healthz HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden,
        // Chunks that don't fit.
        get + "Transfer-Encoding: chunked\r\n\r\n2\r\nabX\r\n0\r\n\r\n" + hidden,
        get + "Transfer-Encoding: chunked\r\n\r\n2\nab\n0\n\n" + hidden,
        get + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n" + hidden,
        get + "Transfer-Encoding: chunked\r\n\r\n-1\r\n" + hidden,
        // Lines that don't end, fold, or hold what they may not.
        "GET /healthz HTTP/1.1\nHost: x\n\n" + hidden, "GET /healthz HTTP/1.1\r\nHost: x\nX: y\r\n\r\n" + hidden,
        "GET /healthz HTTP/1.1\r\nHost: x\rX: y\r\n\r\n" + hidden,
        "GET /healthz HTTP/1.1\r\n Host: x\r\n\r\n" + hidden, get + "X: a\r\n\tb\r\n\r\n" + hidden,
        get + "X: a\u{0}b\r\n\r\n" + hidden, get + ": x\r\n\r\n" + hidden,
        "GET /heal\tthz HTTP/1.1\r\nHost: x\r\n\r\n" + hidden,
        // No host, or two.
        "GET /healthz HTTP/1.1\r\n\r\n" + hidden, get + "Host: y\r\n\r\n" + hidden,
        "GET /healthz HTTP/1.0\r\nHost: x\r\nHost: y\r\n\r\n" + hidden,
        // Another protocol.
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\u{0}\u{0}\u{0}\u{4}\u{0}\u{0}\u{0}\u{0}\u{0}",
    ])
    func `what could be read in two ways is refused, and nothing behind it is read`(_ bytes: String) async throws {
        let (statuses, text) = try await answers(to: bytes)
        #expect(statuses == ["400"])
        #expect(text.contains("\"error\":\"bad_request\""))
        #expect(text.contains("Connection: close\r\n") || text.contains("connection: close\r\n"))
    }

    @Test(arguments: [
        "Content-Length: \(hidden.utf8.count)\r\n\r\n\(hidden)", "Content-Length: 2\r\n\r\nab",
        "Transfer-Encoding: chunked\r\n\r\n2;a=b\r\nab\r\n0\r\nx-api-key: k\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ])
    func `a body that a GET brings belongs to it, and nothing behind it is read`(_ body: String) async throws {
        let (statuses, text) = try await answers(to: Self.get + body + Self.hidden)
        #expect(statuses == ["200"])
        #expect(text.lowercased().contains("connection: close\r\n"))
    }

    @Test(arguments: [2, 9])
    func `requests in one go are answered in their order`(_ count: Int) async throws {
        let names = (0..<count).map { $0.isMultiple(of: 3) ? "readyz" : "healthz" }
        let requests = names.map { "GET /\($0) HTTP/1.1\r\nHost: x\r\n" }.joined(separator: "\r\n")
        let (statuses, text) = try await answers(to: requests + "Connection: close\r\n\r\n")
        #expect(statuses == names.map { _ in "200" })
        let bodies = text.ranges(of: /"alive"|"ready":true/).map { text[$0] == "\"alive\"" ? "healthz" : "readyz" }
        #expect(bodies == names)
    }

    @Test func `more in one go than are held are refused after those that are, and the connection ends`() async throws {
        let (statuses, text) = try await answers(to: String(repeating: Self.get + "\r\n", count: 60))
        #expect(statuses == Array(repeating: "200", count: 1 + RequestGuard.heldLimit) + ["429"])
        #expect(text.contains("\"error\":\"rate_limited\"") && text.contains("one after the other"))
        #expect(text.contains("Retry-After: 1\r\n"))
    }

    @Test func `large requests in one go are held up to as many bytes`() async throws {
        // They come in several reads: each waits in the system's buffer until its turn.
        let last = Self.get + "Connection: close\r\n\r\n"
        let (statuses, _) = try await answers(to: String(repeating: Self.large, count: 5) + last)
        #expect(statuses == Array(repeating: "200", count: 6))
    }

    /// Longer than half of one read; two of them are as much as is held.
    private static let large = "\(get)X: \(String(repeating: "a", count: 3900))\r\n\r\n"

    @Test(arguments: [
        (String(repeating: get + "\r\n", count: 9), Array(repeating: "200", count: 9)),
        // Part of another behind them; and more than are held, which is all read at once.
        (get + "\r\n" + get, ["200"]), (large + large + "GET", ["200", "200"]),
        (String(repeating: get + "\r\n", count: 60), Array(repeating: "200", count: 9) + ["429"]),
    ])
    func `requests whose client has nothing more to say are all answered`(
        _ requests: String,
        _ answers: [String]
    ) async throws {
        let text = try await server.live { port in try await RawClient.run(port, ["half"], sending: requests) }
        #expect(text.ranges(of: "HTTP/1.1 ").map { String(text[$0.upperBound...].prefix(3)) } == answers)
    }

    @Test func `a client that sends thousands in one go keeps no other waiting`() async throws {
        let result = try await server.live { port in
            try await RawClient.run(port, ["flood", "8"], sending: Self.get + "Connection: close\r\n\r\n")
        }
        let count = try JSONDecoder().decode([String: Int].self, from: Data(result.utf8))
        #expect(count["honest"] == 200)
        #expect(try #require(count["before"]) <= 8 * 10)
        #expect(try #require(count["all"]) <= 8 * 10)
    }

    @Test(arguments: [
        // A client of HTTP/1.0 waits for the connection's end.
        "GET /healthz HTTP/1.0\r\n\r\n", "GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        "GET /healthz HTTP/1.0\r\nHost: x\r\nConnection: close\r\n\r\n",
        get + "Connection: Close\r\n\r\n", get + "Connection: te, close\r\n\r\n",
    ])
    func `the connection ends where its client says so`(_ request: String) async throws {
        let (statuses, text) = try await answers(to: request + Self.hidden)
        #expect(statuses == ["200"])
        #expect(text.lowercased().contains("connection: close\r\n"))
    }

    @Test(arguments: [
        // The target counts, not the header; no route reads either.
        "GET http://other/healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "GET http://u:p@other:99/healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "GET /healthz HTTP/1.0\r\nHost: other\r\n\r\n",
    ])
    func `which host a request names changes nothing`(_ request: String) async throws {
        #expect(try await answers(to: request).statuses == ["200"])
    }

    @Test(arguments: [
        ("Authorization: Basic QWxhZGRpbg==\r\n", true), ("Authorization: K\r\n", true),
        ("Authorization: Bearer \r\n", false), ("", false),
        ("authorization: Digest username=x\r\nx-api-key:\r\n", true),
    ])
    func `another scheme of authorization is named as what it is`(_ headers: String, _ isNamed: Bool) async throws {
        let request = "GET /whoami HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\(headers)\r\n"
        let (statuses, text) = try await answers(to: request)
        #expect(statuses == ["401"])
        #expect(text.contains("\"error\":\"key_missing\""))
        #expect(text.contains("Authorization has another scheme") == isNamed)
    }

    @Test(arguments: [
        ("x-api-key: K\r\nx-api-key: K\r\n", "key_malformed"),
        ("Authorization: Bearer K\r\nx-api-key: a\r\n", "key_malformed"),
        ("Authorization: Basic K\r\n", "key_missing"), ("Authorization: bearerK\r\n", "key_missing"),
        ("Authorization: Bearer\r\n", "key_missing"), ("Cookie: x-api-key=K\r\n", "key_missing"),
    ])
    func `a key that is sent in two ways at once, or in none that is known, opens nothing`(
        _ headers: String,
        _ code: String
    ) async throws {
        let sent = headers.split(separator: "K", omittingEmptySubsequences: false)
            .joined(separator: server.key.text.reveal())
        let request = "GET /whoami HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\(sent)\r\n"
        let (statuses, text) = try await answers(to: request)
        #expect(statuses == ["401"])
        #expect(text.contains("\"error\":\"\(code)\""))
        #expect(!text.contains(server.key.text.reveal()))
    }
}
