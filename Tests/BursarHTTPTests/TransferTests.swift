import BursarFoundation
import BursarHTTP
import TestSupport
import Testing

/// Requests on the wire and their responses.
struct TransferTests {
    private let transport = HTTPTransport(environment: [:])

    @Test func `an answer brings its status, headers and body`() async throws {
        let response = try await Peers.http { try await transport.send(.patient(url: $0.url + "/hello")) }
        #expect(response.status == 200)
        #expect(response.header("content-length") == "5")
        #expect(response.header("X-TWICE") == "one")
        #expect(response.body == Data("hello".utf8))
    }

    @Test(arguments: [204, 400, 401, 404, 429, 500, 503])
    func `any status is an answer`(status: Int) async throws {
        let response = try await Peers.http {
            try await transport.send(.patient(url: $0.url + "/status?is=\(status)"))
        }
        #expect(response.status == status)
    }

    @Test(arguments: [HTTPClientRequest.Method.get, .post, .put, .delete])
    func `the body goes out byte for byte`(method: HTTPClientRequest.Method) async throws {
        let body = Data((0...255).map { UInt8($0) } + [0, 13, 10, 0])
        let seen = try await mirrored(.patient(method, url: "/mirror", body: body))
        #expect(seen.method == method.rawValue)
        #expect(Data(base64Encoded: seen.body) == body)
        #expect(seen.values("content-length") == ["260"])
    }

    @Test func `a large body goes out whole, without asking first`() async throws {
        let body = Data(repeating: 7, count: 1 << 20)
        let limits = TransferLimits.patient(body: 2 << 20)
        let seen = try await mirrored(.patient(.post, url: "/mirror", body: body, limits: limits))
        #expect(Data(base64Encoded: seen.body) == body)
        #expect(seen.values("expect") == [])
    }

    @Test func `a POST without a body says so`() async throws {
        let seen = try await mirrored(.patient(.post, url: "/mirror"))
        #expect(seen.method == "POST")
        #expect(seen.values("content-length") == ["0"])
        #expect(seen.values("content-type") == [])
    }

    @Test(arguments: ["/a/../b/./c//d", "/%7e%2F%2f?x=%20&y=+&z=a/b?c&X-Amz-Signature=ab%3D", "/?", "/?a=b%0A"])
    func `a signed URL goes out as it stands`(target: String) async throws {
        #expect(try await mirrored(.patient(url: target)).target == target)
    }

    @Test func `headers go out in order, with nothing added but who we are`() async throws {
        let headers = [("X-Amz-Date", "today"), ("x-empty", ""), ("X-Amz-Date", "tomorrow")]
        let seen = try await mirrored(.patient(url: "/mirror", headers: headers))
        #expect(seen.values("x-amz-date") == ["today", "tomorrow"])
        #expect(seen.values("x-empty") == [""])
        #expect(seen.values("user-agent") == ["bursar/1"])
        #expect(Set(seen.headers.map { $0[0] }) == ["host", "accept", "x-amz-date", "x-empty", "user-agent"])
    }

    @Test func `the caller's own user agent, host and type replace the transport's`() async throws {
        let headers = [("user-agent", "mine"), ("host", "example.org"), ("content-type", "text/plain")]
        let seen = try await mirrored(.patient(.post, url: "/mirror", headers: headers, body: Data("x".utf8)))
        #expect(seen.values("user-agent") == ["mine"])
        #expect(seen.values("host") == ["example.org"])
        #expect(seen.values("content-type") == ["text/plain"])
    }

    @Test(arguments: [301, 302, 303, 307, 308])
    func `a redirect is an answer, and is not followed`(status: Int) async throws {
        try await Peers.http { peer in
            let response = try await transport.send(.patient(url: peer.url + "/redirect?status=\(status)"))
            #expect(response.status == status)
            #expect(response.header("location") == "/mirror")
            #expect(try await count(peer, transport).requests == 2)
        }
    }

    @Test func `a cookie is not sent back`() async throws {
        try await Peers.http { peer in
            _ = try await transport.send(.patient(url: peer.url + "/hello"))
            let response = try await transport.send(.patient(url: peer.url + "/mirror"))
            #expect(try JSONDecoder().decode(Mirrored.self, from: response.body).values("cookie") == [])
        }
    }

    @Test func `only the final answer's headers count`() async throws {
        let response = try await Peers.http { try await transport.send(.patient(url: $0.url + "/interim")) }
        #expect(response.status == 200)
        #expect(response.header("x-interim") == nil)
        #expect(response.header("x-final") == "yes")
        #expect(response.body == Data("final".utf8))
    }

    @Test func `a chunked body is put together, and its trailer dropped`() async throws {
        let response = try await Peers.http {
            try await transport.send(.patient(url: $0.url + "/chunked?bytes=5000"))
        }
        #expect(response.body.count == 5000)
        #expect(response.header("x-trailer") == nil)
    }

    private func mirrored(_ request: HTTPClientRequest) async throws -> Mirrored {
        try await Peers.http { peer in
            var request = request
            request.url = peer.url + request.url
            return try JSONDecoder().decode(Mirrored.self, from: try await transport.send(request).body)
        }
    }
}

/// A request as the peer saw it.
struct Mirrored: Decodable {
    let method: String
    let target: String
    let headers: [[String]]
    let body: String

    func values(_ name: String) -> [String] {
        headers.filter { $0[0] == name }.map { $0[1] }
    }
}

/// The peer's count of requests, this one included.
struct PeerCount: Decodable {
    let connections: Int
    let requests: Int
    let most: Int
}

func count(_ peer: ChildServer, _ transport: HTTPTransport) async throws -> PeerCount {
    let response = try await transport.send(.patient(url: peer.url + "/count"))
    return try JSONDecoder().decode(PeerCount.self, from: response.body)
}
