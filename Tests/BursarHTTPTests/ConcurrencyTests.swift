import BursarHTTP
import TestSupport
import Testing

/// Many transfers at once, none after the end, and none without a waiting sender.
struct ConcurrencyTests {
    private let transport = HTTPTransport(environment: [:])

    @Test func `a hundred requests share sixteen connections`() async throws {
        try await Peers.http { peer in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<100 {
                    group.addTask {
                        try await transport.send(.patient(url: peer.url + "/brief?seconds=0.02")).status
                    }
                }
                for try await status in group { #expect(status == 200) }
            }
            let seen = try await count(peer, transport)
            #expect(seen.requests == 101)
            #expect(seen.connections <= 16)
            #expect((2...16).contains(seen.most))
        }
    }

    @Test func `a connection is kept for the next request`() async throws {
        try await Peers.http { peer in
            for _ in 0..<5 { _ = try await transport.send(.patient(url: peer.url + "/hello")) }
            let seen = try await count(peer, transport)
            #expect(seen.requests == 6)
            #expect(seen.connections == 1)
        }
    }

    @Test func `cancellation ends the transfer, and the peer sees it`() async throws {
        try await Peers.http { peer in
            let task = Task { try await transport.send(.patient(url: peer.url + "/silent")) }
            #expect(await peer.says("asked /silent"))
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(await peer.says("gone /silent"))
        }
    }

    @Test func `a request that waits for a place can be cancelled`() async throws {
        try await Peers.http { peer in
            let request = HTTPClientRequest.patient(url: peer.url + "/silent")
            let first = (0..<16).map { _ in Task { try await transport.send(request) } }
            for _ in first { #expect(await peer.says("asked /silent")) }
            let waiting = Task { try await transport.send(request) }
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
            for task in first { task.cancel() }
        }
    }

    @Test func `a request that waits for a place is out of time with its deadline`() async throws {
        try await Peers.http { peer in
            let request = HTTPClientRequest.patient(url: peer.url + "/silent")
            let first = (0..<16).map { _ in Task { try await transport.send(request) } }
            for _ in first { #expect(await peer.says("asked /silent")) }
            let limits = TransferLimits.patient(total: .milliseconds(50))
            await #expect(throws: TransportError.timedOut) {
                try await transport.send(.patient(url: peer.url + "/hello", limits: limits))
            }
            for task in first { task.cancel() }
        }
    }

    @Test func `a task that was cancelled before sends nothing`() async throws {
        try await Peers.http { peer in
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                _ = try await transport.send(.patient(url: peer.url + "/hello"))
            }
            await #expect(throws: CancellationError.self) { try await task.value }
            let seen = try await count(peer, transport)
            #expect(seen.requests == 1)
        }
    }

    @Test func `the queue has an end, and says so at once`() async throws {
        try await Peers.http { peer in
            let request = HTTPClientRequest.patient(url: peer.url + "/silent")
            await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<400 { group.addTask { _ = try await transport.send(request) } }
                // 320 are accepted, so exactly 80 end without any response.
                for _ in 0..<80 { await #expect(throws: TransportError.busy) { try await group.next() } }
                group.cancelAll()
                while let result = await group.nextResult() {
                    #expect(throws: CancellationError.self) { try result.get() }
                }
            }
            let response = try await transport.send(.patient(url: peer.url + "/hello"))
            #expect(response.status == 200)
        }
    }

    @Test func `shutting down ends what is under way, and refuses what comes later`() async throws {
        try await Peers.http { peer in
            let transport = HTTPTransport(environment: [:])
            let task = Task { try await transport.send(.patient(url: peer.url + "/silent")) }
            #expect(await peer.says("asked /silent"))
            transport.shutdown()
            let fault = TransportError.broken(detail: "the transport was shut down")
            await #expect(throws: fault) { try await task.value }
            #expect(await peer.says("gone /silent"))
            await #expect(throws: fault) { try await transport.send(.patient(url: peer.url + "/hello")) }
        }
    }

    @Test func `a transport that is let go closes its connections`() async throws {
        try await Peers.http { peer in
            var transport: HTTPTransport? = HTTPTransport(environment: [:])
            weak let seen = transport
            _ = try await transport?.send(.patient(url: peer.url + "/hello"))
            transport = nil
            #expect(seen == nil)
            #expect(await peer.says("closed"))
        }
    }
}
