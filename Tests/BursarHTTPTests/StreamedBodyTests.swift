import BursarFoundation
import BursarHTTP
import Synchronization
import TestSupport
import Testing

/// Request bodies that go out as they come.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct StreamedBodyTests {
    private let transport = HTTPTransport(environment: [:])

    @Test(arguments: [9, nil])
    func `a body goes out whole, without asking first`(length: Int?) async throws {
        try await Peers.stream { peer in
            let seen = try await taken(peer, HTTPClientRequestBody(length: length, pieces: pieces("hello", "", " you")))
            #expect(seen.size == 9)
            #expect(seen.values("content-length") == (length == nil ? [] : ["9"]))
            #expect(seen.values("transfer-encoding") == (length == nil ? ["chunked"] : []))
            #expect(seen.values("expect") == [])
            #expect(seen.values("content-type") == [])
        }
    }

    @Test(arguments: [0, nil])
    func `a body may be empty`(length: Int?) async throws {
        try await Peers.stream { peer in
            let seen = try await taken(peer, HTTPClientRequestBody(length: length, pieces: pieces()))
            #expect(seen.size == 0)
        }
    }

    @Test func `a request's own body goes out too`() async throws {
        try await Peers.stream { peer in
            let request = HTTPClientRequest.patient(.post, url: peer.url("/take"), body: Data("whole".utf8))
            let response = try await transport.stream(request)
            #expect(try Taken(try await response.body.collected()).size == 5)
        }
    }

    @Test(arguments: [2, nil])
    func `a piece has gone before the next is made`(length: Int?) async throws {
        try await Peers.stream { peer in
            let body = seen("1", by: peer) { Array("2".utf8) }
            let seen = try await taken(peer, HTTPClientRequestBody(length: length, pieces: body))
            #expect(seen.size == 2)
        }
    }

    @Test(arguments: [50 << 20, nil])
    func `a peer that is slow slows the body down, and loses nothing`(length: Int?) async throws {
        let size = 50 << 20
        try await Peers.stream { peer in
            let made = Mutex(0)
            let body = pieces {
                made.withLock { made in
                    let count = min(size - made, 100_000)
                    defer { made += count }
                    return count == 0 ? nil : Array(Pattern.piece(at: made, count: count))
                }
            }
            let request = HTTPClientRequest.patient(.post, url: peer.url("/take?wait"))
            async let response = transport.stream(request, body: HTTPClientRequestBody(length: length, pieces: body))
            // The peer's own clock: by then the body has come to rest.
            _ = try await number(peer, "/settled?seconds=1", transport)
            let early = made.withLock { $0 }
            #expect((100_000..<12 << 20).contains(early))
            try await peer.go(transport)
            let seen = try Taken(try await response.body.collected())
            #expect(seen.size == size)
            #expect(seen.digest == "3a7aef326b898081e6fb7b9599db2618b4f5e5301b64078f0f4e1f5382f634b9")
        }
    }

    @Test(arguments: [1000, nil])
    func `a body that throws breaks the transfer off`(length: Int?) async throws {
        try await Peers.stream { peer in
            let body = HTTPClientRequestBody(length: length, pieces: seen("12", by: peer) { throw Torn() })
            await #expect(throws: Torn.self) { try await taken(peer, body) }
            #expect(await peer.says("aborted"))
        }
    }

    @Test(arguments: [4, 6])
    func `a body that isn't as long as it said breaks the transfer off`(length: Int) async throws {
        try await Peers.stream { peer in
            let body = HTTPClientRequestBody(length: length, pieces: seen("12", by: peer) { Array("345".utf8) })
            let fault = await fault { _ = try await taken(peer, body) }
            #expect(fault?.isInvalidRequest == true)
            #expect(await peer.says("aborted"))
        }
    }

    @Test(arguments: ["413", "413&close", "413&chunked", "200&close"], [true, false])
    func `an answer that comes before the body has gone is an answer`(status: String, isEndless: Bool) async throws {
        try await Peers.stream { peer in
            let (silence, never) = AsyncStream<Void>.makeStream()
            let isFirst = Atomic(true)
            let body = pieces {
                let isSilent = !isFirst.exchange(false, ordering: .relaxed) && !isEndless
                guard isSilent else { return [UInt8](repeating: 1, count: 1000) }
                for await _ in silence {}
                throw CancellationError()
            }
            let request = HTTPClientRequest.patient(.post, url: peer.url("/early?status=\(status)"))
            let response = try await transport.stream(request, body: HTTPClientRequestBody(length: nil, pieces: body))
            #expect(String(response.status) == status.prefix(3))
            #expect(try await response.body.collected() == "enough")
            #expect(await peer.says("gone /early"))
            never.finish()
        }
    }

    @Test func `an answer and a body can go on side by side`() async throws {
        try await Peers.stream { peer in
            let (body, source) = AsyncThrowingStream<[UInt8], any Error>.makeStream()
            source.yield(Array("one".utf8))
            let request = HTTPClientRequest.patient(.post, url: peer.url("/echo"))
            let response = try await transport.stream(request, body: HTTPClientRequestBody(length: nil, pieces: body))
            var iterator = response.body.makeAsyncIterator()
            #expect(try await iterator.next() == Array("one".utf8))
            source.yield(Array("two".utf8))
            #expect(try await iterator.next() == Array("two".utf8))
            source.finish()
            #expect(try await iterator.next() == nil)
        }
    }

    @Test func `a body that comes slowly doesn't count as a peer that stalls`() async throws {
        try await Peers.stream { peer in
            let made = Mutex(0)
            let body = pieces {
                let count = made.withLock { count in
                    count += 1
                    return count
                }
                if count == 2 { _ = try await number(peer, "/settled?seconds=4", transport) }
                return count <= 2 ? [1] : nil
            }
            let request = HTTPClientRequest.patient(.post, url: peer.url("/take"))
            let limits = StreamLimits(stall: .seconds(2))
            let outbound = HTTPClientRequestBody(length: 2, pieces: body)
            let response = try await transport.stream(request, body: outbound, limits: limits)
            #expect(try Taken(try await response.body.collected()).size == 2)
        }
    }

    @Test func `a peer that takes no more of the body is given up`() async throws {
        try await Peers.stream { peer in
            let limits = StreamLimits(stall: .milliseconds(500))
            let body = HTTPClientRequestBody(length: nil, pieces: pieces { [UInt8](repeating: 1, count: 100_000) })
            let request = HTTPClientRequest.patient(.post, url: peer.url("/take?wait"))
            await #expect(throws: TransportError.timedOut) {
                try await transport.stream(request, body: body, limits: limits)
            }
        }
    }

    @Test func `a peer that hangs up is noticed when more of the body has come`() async throws {
        try await Peers.stream { peer in
            let (body, source) = AsyncThrowingStream<[UInt8], any Error>.makeStream()
            let request = HTTPClientRequest.patient(.post, url: peer.url("/hangup"))
            let task = Task {
                try await transport.stream(request, body: HTTPClientRequestBody(length: nil, pieces: body)).status
            }
            #expect(await peer.says("asked /hangup"))
            source.yield([1])
            source.finish()
            let fault = await fault { _ = try await task.value }
            #expect(fault?.isBroken == true)
        }
    }

    @Test func `the body's task is let go with the transfer`() async throws {
        try await Peers.stream { peer in
            let (ends, end) = AsyncStream<Void>.makeStream()
            let (body, source) = AsyncThrowingStream<[UInt8], any Error>.makeStream()
            source.onTermination = { _ in end.yield() }
            let request = HTTPClientRequest.patient(.post, url: peer.url("/quiet"))
            let task = Task {
                try await transport.stream(request, body: HTTPClientRequestBody(length: nil, pieces: body)).status
            }
            #expect(await peer.says("asked /quiet"))
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(await ends.first { _ in true } != nil)
        }
    }

    @Test(arguments: ["Content-Length", "transfer-encoding", "Expect"])
    func `a header that says where the body ends is refused`(name: String) async throws {
        try await Peers.stream { peer in
            let request = HTTPClientRequest.patient(.post, url: peer.url("/take"), headers: [(name, "1")])
            let fault = await fault { _ = try await transport.stream(request) }
            #expect(fault?.isInvalidRequest == true)
            let connections = try await number(peer, "/count", transport)
            #expect(connections == 1)
        }
    }

    @Test func `a request has one body, of a length`() async throws {
        let whole = HTTPClientRequest.patient(.post, url: "http://127.0.0.1:1/", body: Data())
        let bare = HTTPClientRequest.patient(.post, url: "http://127.0.0.1:1/")
        for (request, length) in [(whole, nil), (bare, -1)] as [(HTTPClientRequest, Int?)] {
            let fault = await fault {
                _ = try await transport.stream(request, body: HTTPClientRequestBody(length: length, pieces: pieces()))
            }
            #expect(fault?.isInvalidRequest == true)
        }
    }

    /// A body of `piece`, and of what `next` makes once the peer has seen that.
    private func seen(
        _ piece: String,
        by peer: ChildServer,
        next: @escaping @Sendable () throws -> [UInt8]
    ) -> AsyncThrowingStream<[UInt8], any Error> {
        let asked = Mutex(0)
        return pieces {
            let time = asked.withLock { asked in
                asked += 1
                return asked
            }
            guard time > 1 else { return Array(piece.utf8) }
            guard time == 2 else { return nil }
            #expect(await peer.says("took \(piece)"))
            return try next()
        }
    }

    private func taken(_ peer: ChildServer, _ body: HTTPClientRequestBody) async throws -> Taken {
        let request = HTTPClientRequest.patient(.post, url: peer.url("/take?tell"))
        return try Taken(try await transport.stream(request, body: body).body.collected())
    }
}

private struct Torn: Error {}

/// A body as the peer saw it.
private struct Taken: Decodable {
    let size: Int
    let digest: String
    let headers: [[String]]

    init(_ json: String) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(json.utf8))
    }

    func values(_ name: String) -> [String] {
        headers.filter { $0[0] == name }.map { $0[1] }
    }
}
