import BursarFiles
import BursarFoundation
import BursarHTTP
import BursarModel
import Synchronization
import SystemPackage
import Testing

@testable import creds

struct SessionRenewalTests {
    let home: Home
    let cache: SessionCache
    let start = CachedSessionTests.now

    init() throws {
        home = try Home()
        cache = SessionCache(folder: home.path.appending("cache"), id: try #require(CacheID("0123456789ABCDEFGHIJKL")))
    }

    @Test func `the first run asks the server, the next ones the cache`() async throws {
        let server = Server([.credentials(life: 3600)])
        let first = try await renewal(server, at: 0).output()
        let second = try await renewal(server, at: 2000).output()
        #expect(first == second)
        #expect(await server.asked == 1)
    }

    @Test func `a session that nears its end is renewed`() async throws {
        let server = Server([.credentials(life: 3600), .credentials(life: 7200)])
        let first = try await renewal(server, at: 0).output()
        let second = try await renewal(server, at: 2401).output()
        #expect(first != second)
        #expect(cache.read()?.output == second)
    }

    @Test(arguments: [
        BursarClientError.fault(.unreachable(detail: "")), .fault(.timedOut), .fault(.broken(detail: "")),
        .notBursar(status: 200), .notBursar(status: 502), .redirected(status: 302), refused(429, "rate_limited"),
        refused(500, "internal"), refused(503, "paused"), refused(404, "not_found"), refused(401, "word_of_tomorrow"),
    ])
    func `what doesn't say that the key is bad leaves the session in use`(fault: BursarClientError) async throws {
        let server = Server([.credentials(life: 3600), .fault(fault)])
        let first = try await renewal(server, at: 0).output()
        #expect(try await renewal(server, at: 2500).output() == first)
        // There is no attempt within half a minute, then there is one.
        #expect(try await renewal(server, at: 2529).output() == first)
        #expect(await server.asked == 2)
        #expect(try await renewal(server, at: 2530).output() == first)
        #expect(await server.asked == 3)
        await #expect(throws: fault) { try await renewal(server, at: 3600).output() }
    }

    @Test(arguments: [
        refused(401, "key_revoked"), refused(401, "key_expired"), refused(401, "key_invalid"),
        refused(403, "researcher_disabled"), refused(403, "address_refused"),
    ])
    func `a server that says the key is bad ends the session`(fault: BursarClientError) async throws {
        let server = Server([.credentials(life: 3600), .fault(fault)])
        _ = try await renewal(server, at: 0).output()
        await #expect(throws: fault) { try await renewal(server, at: 2500).output() }
        #expect(cache.read() == nil)
        await #expect(throws: fault) { try await renewal(server, at: 2501).output() }
    }

    @Test func `the server's Retry-After is kept when it is longer`() async throws {
        let busy = Self.refused(429, "rate_limited", retryAfter: .seconds(120))
        let server = Server([.credentials(life: 3600), .fault(busy)])
        _ = try await renewal(server, at: 0).output()
        _ = try await renewal(server, at: 2500).output()
        _ = try await renewal(server, at: 2619).output()
        #expect(await server.asked == 2)
        _ = try await renewal(server, at: 2620).output()
        #expect(await server.asked == 3)
    }

    @Test func `a renewal that brings the same session is not repeated at once`() async throws {
        let server = Server([.credentials(life: 3600)])
        let first = try await renewal(server, at: 0).output()
        #expect(try await renewal(server, at: 2500).output() == first)
        #expect(try await renewal(server, at: 2529).output() == first)
        #expect(await server.asked == 2)
    }

    @Test func `credentials that have ended are not handed out`() async throws {
        let server = Server([.credentials(life: -1)])
        await #expect(throws: SessionRenewal.Failure.expired) { try await renewal(server, at: 0).output() }
        #expect(cache.read() == nil)
    }

    @Test func `credentials that live longer than AWS allows are not believed`() async throws {
        let server = Server([.credentials(life: 13 * 3600)])
        await #expect(throws: SessionRenewal.Failure.tooLongLived) { try await renewal(server, at: 0).output() }
    }

    @Test func `a renewal that is asked for takes what comes, even if it ends earlier`() async throws {
        let server = Server([.credentials(life: 7200), .credentials(life: 3600)])
        _ = try await renewal(server, at: 0).output()
        let renewed = try await renewal(server, at: 1).renewed()
        #expect(!renewed.isSame)
        #expect(try await renewal(server, at: 2).output() == renewed.session.output)
    }

    @Test func `a renewal that is asked for and fails leaves the session in use`() async throws {
        let fault = BursarClientError.fault(.timedOut)
        let server = Server([.credentials(life: 3600), .fault(fault)])
        let first = try await renewal(server, at: 0).output()
        await #expect(throws: fault) { try await renewal(server, at: 1).renewed() }
        #expect(try await renewal(server, at: 2).output() == first)
        #expect(await server.asked == 2)
    }

    @Test func `a failure is reported once: thrown, or behind a session that still works`() async throws {
        let fault = BursarClientError.fault(.timedOut)
        let tolerated = Mutex(0)
        var cold = renewal(Server([.fault(fault)]), at: 0)
        cold.failed = { _ in tolerated.withLock { $0 += 1 } }
        await #expect(throws: fault) { try await cold.session() }
        await #expect(throws: fault) { try await cold.session(lasting: 60) }
        await #expect(throws: fault) { try await cold.renewed() }
        #expect(tolerated.withLock { $0 } == 0)

        _ = try await renewal(Server([.credentials(life: 3600)]), at: 0).output()
        var warm = renewal(Server([.fault(fault)]), at: 2500)
        warm.failed = { _ in tolerated.withLock { $0 += 1 } }
        _ = try await warm.session()
        #expect(tolerated.withLock { $0 } == 1)
    }

    @Test func `many at once ask once`() async throws {
        let server = Server([.credentials(life: 3600), .credentials(life: 7200)])
        let outputs = try await withThrowingTaskGroup(of: Secret<String>.self) { group in
            for _ in 0..<20 {
                group.addTask { try await renewal(server, at: 0).output() }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outputs.allSatisfy { $0 == outputs[0] })
        #expect(await server.asked == 1)
    }

    @Test func `who can't have the lock uses the session that still works`() async throws {
        let server = Server([.credentials(life: 3600), .credentials(life: 7200)])
        let first = try await renewal(server, at: 0).output()
        guard let lock = try cache.tryLock() else {
            Issue.record("a free lock could not be had")
            return
        }
        #expect(try await renewal(server, at: 2500).output() == first)
        #expect(await server.asked == 1)
        lock.release()
    }

    @Test func `a cache that can't be kept doesn't stop anyone`() async throws {
        try home.write("in the way", to: "cache")
        let server = Server([.credentials(life: 3600)])
        _ = try await renewal(server, at: 0).output()
        _ = try await renewal(server, at: 0).output()
        #expect(await server.asked == 2)
    }

    private func renewal(_ server: Server, at seconds: TimeInterval) -> SessionRenewal {
        SessionRenewal(cache: cache, now: { [start] in start + seconds }, fetch: { _ in try await server.answer() })
    }

    private static func refused(_ status: Int, _ code: String, retryAfter: Duration? = nil) -> BursarClientError {
        .refused(BursarClientError.ServerRefusal(status: status, code: code, message: nil, retryAfter: retryAfter))
    }

    private actor Server {
        private let answers: [Answer]
        private(set) var asked = 0

        /// Returns `answers` one after the other, and repeats the last.
        init(_ answers: [Answer]) {
            self.answers = answers
        }

        enum Answer {
            case credentials(life: TimeInterval)
            case fault(BursarClientError)
        }

        func answer() throws -> SessionCredentials {
            asked += 1
            switch answers[min(asked, answers.count) - 1] {
            case .credentials(let life):
                return CachedSessionTests.credentials(life: life, id: "ASIAEXAMPLE000000000\(asked)")
            case .fault(let fault): throw fault
            }
        }
    }
}

extension SessionRenewal {
    /// The printed line.
    fileprivate func output() async throws -> Secret<String> {
        try await session().output
    }
}
