import BursarHTTP
import TestSupport
import Testing

/// Streams that are abandoned, and streams concurrent with other transfers.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct StreamEndTests {
    private let transport = HTTPTransport(environment: [:])

    @Test func `a reader who is cancelled ends the transfer`() async throws {
        try await Peers.stream { peer in
            let response = try await transport.stream(.patient(url: peer.url("/hang")))
            let (firsts, first) = AsyncStream<Void>.makeStream()
            let task = Task {
                for try await _ in response.body { first.yield() }
            }
            _ = await firsts.first { _ in true }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(await peer.says("gone /hang"))
        }
    }

    @Test func `a reader who stops ends the transfer, though the response is kept`() async throws {
        try await Peers.stream { peer in
            let response = try await transport.stream(.patient(url: peer.url("/hang")))
            for try await _ in response.body { break }
            #expect(await peer.says("gone /hang"))
            await #expect(throws: CancellationError.self) { try await response.body.collected() }
        }
    }

    @Test(arguments: ["/hang", "/flood?bytes=50000000"])
    func `a response that is dropped ends the transfer`(path: String) async throws {
        try await Peers.stream { peer in
            _ = try await transport.stream(.patient(url: peer.url(path)))
            #expect(await peer.says("gone \(path.prefix { $0 != "?" })"))
        }
    }

    @Test func `a sender who is cancelled before there is an answer ends the transfer`() async throws {
        try await Peers.stream { peer in
            let task = Task { try await transport.stream(.patient(url: peer.url("/quiet"))).status }
            #expect(await peer.says("asked /quiet"))
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(await peer.says("gone /quiet"))
        }
    }

    @Test(arguments: [false, true])
    func `a transport that ends ends its streams`(isLetGo: Bool) async throws {
        try await Peers.stream { peer in
            var transport: HTTPTransport? = HTTPTransport(environment: [:])
            let response = try #require(try await transport?.stream(.patient(url: peer.url("/hang"))))
            if !isLetGo { transport?.shutdown() }
            transport = nil
            let fault = await fault { for try await _ in response.body {} }
            #expect(fault == .broken(detail: "the transport was shut down"))
            #expect(await peer.says("gone /hang"))
        }
    }

    @Test func `a connection is kept when its stream was read to the end`() async throws {
        try await Peers.stream { peer in
            for _ in 0..<3 {
                let request = HTTPClientRequest.patient(.post, url: peer.url("/take"))
                let body = HTTPClientRequestBody(length: nil, pieces: pieces("some", "thing"))
                _ = try await transport.stream(request, body: body).body.collected()
            }
            #expect(try await number(peer, "/count", transport) == 1)
        }
    }

    @Test func `streams keep nobody else waiting, and have an end in number`() async throws {
        try await Peers.stream { peer in
            let hang = HTTPClientRequest.patient(url: peer.url("/hang"))
            var streams: [StreamedResponse] = []
            for _ in 0..<64 { streams.append(try await transport.stream(hang)) }
            await #expect(throws: TransportError.busy) { try await transport.stream(hang) }
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<32 { group.addTask { try await number(peer, "/count", transport) } }
                for try await count in group { #expect(count > 64) }
            }
            streams.removeLast()
            #expect(await peer.says("gone /hang"))
            for stream in streams {
                var iterator = stream.body.makeAsyncIterator()
                #expect(try await iterator.next() == Array("first".utf8))
            }
        }
    }

    @Test func `streams in both directions and other transfers go on side by side`() async throws {
        try await Peers.stream { peer in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        let flood = HTTPClientRequest.patient(url: peer.url("/flood?bytes=5000000&chunked"))
                        var offset = 0
                        for try await piece in try await transport.stream(flood).body {
                            #expect(Pattern.holds(piece, at: offset))
                            offset += piece.count
                        }
                        #expect(offset == 5_000_000)
                    }
                    group.addTask {
                        let body = HTTPClientRequestBody(length: nil, pieces: pieces("a", "b", "c"))
                        let request = HTTPClientRequest.patient(.post, url: peer.url("/echo"))
                        let response = try await transport.stream(request, body: body)
                        #expect(try await response.body.collected() == "abc")
                    }
                    group.addTask {
                        for _ in 0..<20 { _ = try await number(peer, "/count", transport) }
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
