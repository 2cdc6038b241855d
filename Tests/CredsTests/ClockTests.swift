import BursarFoundation
import BursarHTTP
import BursarModel
import SystemPackage
import Testing

@testable import creds

/// A clock that jumps by hours; the server's is right, and gives sessions of an hour.
struct ClockTests {
    let home: Home
    let cache: SessionCache
    let start = CachedSessionTests.now
    private static let hour: TimeInterval = 3600

    init() throws {
        home = try Home()
        cache = SessionCache(folder: home.path.appending("cache"), id: try #require(CacheID("0123456789ABCDEFGHIJKL")))
    }

    @Test(arguments: [-11, -3, -0.5])
    func `a clock that was set back asks once, and then uses what came`(hours: Double) async throws {
        let server = Server(at: start)
        _ = try await renewal(server, off: 0).session()
        for _ in 0..<3 { _ = try await renewal(server, off: hours * Self.hour).session() }
        #expect(await server.asked == 2)
    }

    @Test(arguments: [-24, -13, -3, -0.5])
    func `with a clock that was set back, a session that works is used when the server can't be reached`(
        hours: Double
    ) async throws {
        let server = Server(at: start)
        let session = try await renewal(server, off: 0).session()
        await server.goAway()
        for _ in 0..<3 {
            #expect(try await renewal(server, off: hours * Self.hour).session().output == session.output)
        }
        #expect(await server.asked == 2)
    }

    @Test func `a clock that is a day late doesn't believe the server, and keeps what it has`() async throws {
        let server = Server(at: start)
        let session = try await renewal(server, off: 0).session()
        #expect(try await renewal(server, off: -24 * Self.hour).session().output == session.output)
        try cache.removeSession()
        await #expect(throws: SessionRenewal.Failure.tooLongLived) {
            try await renewal(server, off: -24 * Self.hour).session()
        }
    }

    @Test(arguments: [1.5, 3, 24])
    func `a clock that is ahead prints nothing that has ended, and spoils nothing`(hours: Double) async throws {
        let server = Server(at: start)
        let session = try await renewal(server, off: 0).session()
        await #expect(throws: SessionRenewal.Failure.expired) {
            try await renewal(server, off: hours * Self.hour).session()
        }
        // Right again.
        #expect(try await renewal(server, off: 1).session().output == session.output)
        #expect(await server.asked == 2)
    }

    /// The server returns the same session until half of its lifetime is over.
    @Test func `a session that was obtained while the clock was ahead is not asked for on every call`() async throws {
        let server = Server(at: start, givesSame: true)
        _ = try await renewal(server, off: 0.7 * Self.hour).session()
        for _ in 0..<3 { _ = try await renewal(server, off: 0).session() }
        #expect(await server.asked == 2)
    }

    @Test func `a session that was obtained while the clock was late is renewed in time`() async throws {
        let server = Server(at: start)
        let session = try await renewal(server, off: -3 * Self.hour).session()
        #expect(session.isFresh(at: start + 2200) && !session.isFresh(at: start + 2400))
    }

    private func renewal(_ server: Server, off seconds: TimeInterval) -> SessionRenewal {
        SessionRenewal(cache: cache, now: { [start] in start + seconds }, fetch: { _ in try await server.answer() })
    }

    private actor Server {
        private let now: Date
        private let givesSame: Bool
        private var isUnreachable = false
        private(set) var asked = 0

        init(at now: Date, givesSame: Bool = false) {
            self.now = now
            self.givesSame = givesSame
        }

        func goAway() {
            isUnreachable = true
        }

        func answer() throws -> SessionCredentials {
            asked += 1
            guard !isUnreachable else { throw BursarClientError.fault(.unreachable(detail: "")) }
            let life = ClockTests.hour + (givesSame ? 0 : TimeInterval(asked))
            return CachedSessionTests.credentials(life: life, id: "ASIAEXAMPLE000000000\(givesSame ? 0 : asked)")
        }
    }
}
