import BursarHTTP
import TestSupport
import Testing

/// Every transfer ends: in time, and before it is too large.
@Suite(.timeLimit(.minutes(10)))
struct LimitTests {
    private let transport = HTTPTransport(environment: [:])
    private let long = Duration.seconds(600)

    @Test func `a peer that never answers is given up`() async throws {
        try await fault(.timedOut, at: "/silent", .patient(total: long, stall: .milliseconds(100)))
    }

    @Test func `a peer that drips is given up at the end of the time`() async throws {
        try await fault(.timedOut, at: "/drip", .patient(total: .milliseconds(300), stall: long))
    }

    @Test func `a peer that drips does not count as silent`() async throws {
        try await Peers.http { peer in
            let limits = TransferLimits.patient(total: long, stall: long, body: 20)
            await #expect(throws: TransportError.tooLarge) {
                try await transport.send(.patient(url: peer.url + "/drip", limits: limits))
            }
        }
    }

    @Test(arguments: [Duration.zero, .seconds(-1)])
    func `no time at all is not all the time`(total: Duration) async throws {
        try await fault(.timedOut, at: "/silent", .patient(total: total, stall: long))
    }

    @Test func `a handshake that hangs ends with the time to connect`() async throws {
        try await Peers.raw(nil) { peer in
            let url = "https://127.0.0.1:\(peer.port)/"
            let limits = TransferLimits.patient(connect: .milliseconds(200), total: long, stall: long)
            await #expect(throws: TransportError.connectTimedOut(.connection)) {
                try await transport.send(.patient(url: url, limits: limits))
            }
        }
    }

    @Test(arguments: ["/large?bytes=1001", "/chunked?bytes=2000", "/heads?lines=70"])
    func `a larger answer is refused`(path: String) async throws {
        try await fault(.tooLarge, at: path, .patient(body: 1000))
    }

    @Test(arguments: ["/large?bytes=1000", "/chunked?bytes=1000", "/heads?lines=60"])
    func `an answer as large as allowed is taken`(path: String) async throws {
        let limits = TransferLimits.patient(body: 1000)
        let response = try await Peers.http {
            try await transport.send(.patient(url: $0.url + path, limits: limits))
        }
        #expect(response.status == 200)
    }

    private func fault(_ expected: TransportError, at path: String, _ limits: TransferLimits) async throws {
        try await Peers.http { peer in
            await #expect(throws: expected) {
                try await transport.send(.patient(url: peer.url + path, limits: limits))
            }
        }
    }
}
