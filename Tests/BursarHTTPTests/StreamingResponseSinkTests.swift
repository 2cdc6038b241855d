import BursarHTTP
import TestSupport
import Testing

/// Answers that are read as they come.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct StreamingResponseSinkTests {
    private let transport = HTTPTransport(environment: [:])

    @Test func `a piece is there before the next is sent`() async throws {
        try await Peers.stream { peer in
            let response = try await transport.stream(.patient(url: peer.url("/steps")))
            #expect(response.status == 200)
            var iterator = response.body.makeAsyncIterator()
            #expect(try await iterator.next() == Array("first".utf8))
            try await peer.go(transport)
            #expect(try await iterator.next() == Array("second".utf8))
            #expect(try await iterator.next() == nil)
            #expect(try await iterator.next() == nil)
        }
    }

    @Test(arguments: [200, 204, 302, 404, 500])
    func `the head is the final one, and the bytes are as they came`(status: Int) async throws {
        try await Peers.stream { peer in
            let response = try await transport.stream(.patient(url: peer.url("/plain?status=\(status)")))
            #expect(response.status == status)
            #expect(response.header("x-interim") == nil)
            #expect(response.header("Content-Encoding") == "gzip")
            #expect(try await response.body.collected() == (status == 204 ? "" : "as it is"))
        }
    }

    @Test func `an answer without a length ends with its connection`() async throws {
        try await Peers.stream { peer in
            let response = try await transport.stream(.patient(url: peer.url("/until_close")))
            #expect(try await response.body.collected() == "the end is the end")
        }
    }

    @Test(arguments: ["/cut?", "/cut?chunked"])
    func `an answer that breaks off throws, after what had come`(path: String) async throws {
        try await Peers.stream { peer in
            let response = try await transport.stream(.patient(url: peer.url(path)))
            var seen: [UInt8] = []
            let fault = await fault { for try await piece in response.body { seen += piece } }
            #expect(fault?.isBroken == true)
            #expect(seen == Array("only this".utf8))
        }
    }

    @Test(arguments: [(false, false), (true, false), (false, true), (true, true)])
    func `a reader who is slow slows the peer down, and loses nothing`(isTLS: Bool, isChunked: Bool) async throws {
        let size = 50 << 20
        let certificate = isTLS ? try await TestCertificate() : nil
        let transport = HTTPTransport(environment: certificate.map { ["AWS_CA_BUNDLE": $0.certificate] } ?? [:])
        try await Peers.stream(certificate: certificate) { peer in
            let origin = isTLS ? "https://127.0.0.1:\(peer.port)" : peer.url
            let flood = HTTPClientRequest.patient(url: "\(origin)/flood?bytes=\(size)\(isChunked ? "&chunked" : "")")
            let response = try await transport.stream(flood)
            var iterator = response.body.makeAsyncIterator()
            var offset = 0
            while let piece = try await iterator.next() {
                if offset == 0 || (offset < size / 2 && offset + piece.count >= size / 2) {
                    let settled = HTTPClientRequest.patient(url: "\(origin)/settled?seconds=0.5")
                    let sent = String(decoding: try await transport.send(settled).body, as: UTF8.self)
                    #expect(try #require(Int(sent)) - offset < 12 << 20)
                }
                #expect(piece.count <= 256 << 10)
                #expect(Pattern.holds(piece, at: offset))
                offset += piece.count
            }
            #expect(offset == size)
        }
    }

    @Test func `a stream that its reader holds up outlives the time to stall`() async throws {
        try await Peers.stream { peer in
            let size = 20 << 20
            let limits = StreamLimits(stall: .seconds(2))
            let flood = HTTPClientRequest.patient(url: peer.url("/flood?bytes=\(size)"))
            let response = try await transport.stream(flood, limits: limits)
            _ = try await number(peer, "/settled?seconds=5", transport)
            var offset = 0
            for try await piece in response.body { offset += piece.count }
            #expect(offset == size)
        }
    }

    @Test func `a peer that falls silent in mid-answer is given up`() async throws {
        try await Peers.stream { peer in
            let limits = StreamLimits(stall: .seconds(1))
            let response = try await transport.stream(.patient(url: peer.url("/hang")), limits: limits)
            var iterator = response.body.makeAsyncIterator()
            #expect(try await iterator.next() == Array("first".utf8))
            await #expect(throws: TransportError.timedOut) { try await iterator.next() }
            #expect(await peer.says("gone /hang"))
        }
    }

    @Test func `a peer that thinks for longer than it may stall is waited for`() async throws {
        try await Peers.stream { peer in
            let limits = StreamLimits(stall: .seconds(1))
            let request = HTTPClientRequest.patient(.post, url: peer.url("/think?seconds=3"))
            let body = HTTPClientRequestBody(length: nil, pieces: pieces("question"))
            let response = try await transport.stream(request, body: body, limits: limits)
            #expect(try await response.body.collected() == "8")
        }
    }

    @Test func `a peer that thinks for too long is given up`() async throws {
        try await Peers.stream { peer in
            let limits = StreamLimits(response: .milliseconds(100))
            await #expect(throws: TransportError.timedOut) {
                try await transport.stream(.patient(url: peer.url("/quiet")), limits: limits)
            }
            #expect(await peer.says("gone /quiet"))
        }
    }

    @Test func `a stream can have an end in time`() async throws {
        try await Peers.stream { peer in
            let limits = StreamLimits(total: .seconds(2))
            await #expect(throws: TransportError.timedOut) {
                try await transport.stream(.patient(url: peer.url("/hang")), limits: limits).body.collected()
            }
        }
    }
}
