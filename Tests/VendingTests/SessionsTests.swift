import BursarFoundation
import BursarModel
import Testing
import Vending

@Suite struct SessionsTests {
    private let clock = TestClock()
    private let issued: IssuedKey

    init() throws {
        issued = try IssuedKey()
    }

    private func key(version: Int64 = 1, life: TimeInterval = 1_000_000) throws -> KeyRecord {
        try issued.record(version: version, expires: clock.now.addingTimeInterval(life))
    }

    private func sessions(_ issuer: ScriptedIssuer) -> Sessions {
        let clock = clock
        return Sessions(issuer: issuer, duration: .oneHour, now: { clock.now })
    }

    private func hourly() -> ScriptedIssuer {
        let clock = clock
        return ScriptedIssuer { call throws(IssuerError) in
            credentials(call, until: clock.now.addingTimeInterval(3600))
        }
    }

    @Test func `credentials are handed out again while more than half of their life is left`() async throws {
        let issuer = hourly()
        let sessions = sessions(issuer)
        let first = try await sessions.session(for: key())
        clock.advance(by: 1700)
        #expect(try await sessions.session(for: key()).credentials.accessKeyID == first.credentials.accessKeyID)
        clock.advance(by: 200)
        #expect(try await sessions.session(for: key()).credentials.accessKeyID != first.credentials.accessKeyID)
        #expect(issuer.requests.count == 2)
    }

    @Test func `credentials that would outlive their own life are not handed out: the clock was set back`() async throws
    {
        let issuer = hourly()
        let sessions = sessions(issuer)
        let first = try await sessions.session(for: key())
        clock.advance(by: -30)
        #expect(try await sessions.session(for: key()).credentials.accessKeyID == first.credentials.accessKeyID)
        clock.advance(by: -7200)
        let second = try await sessions.session(for: key())
        #expect(second.credentials.accessKeyID != first.credentials.accessKeyID)
        #expect(second.credentials.timeLeft(at: clock.now) == 3600)
    }

    @Test func `callers at the same time share one request`() async throws {
        let clock = clock
        let gate = Gate()
        let issuer = ScriptedIssuer { call throws(IssuerError) in
            await gate.wait()
            return credentials(call, until: clock.now.addingTimeInterval(3600))
        }
        let sessions = sessions(issuer)
        let key = try key()
        let ids = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<50 {
                group.addTask { try await sessions.session(for: key).credentials.accessKeyID }
            }
            gate.open()
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(ids.count == 1)
        #expect(issuer.requests.count == 1)
    }

    @Test func `a new version of the key gets new credentials`() async throws {
        let issuer = hourly()
        let sessions = sessions(issuer)
        _ = try await sessions.session(for: key(version: 1))
        _ = try await sessions.session(for: key(version: 2))
        #expect(issuer.requests.count == 2)
    }

    @Test func `while AWS is away, credentials that live another 5 minutes are served`() async throws {
        let clock = clock
        let issuer = ScriptedIssuer { call throws(IssuerError) in
            guard call == 1 else { throw .unavailable(cause: "away") }
            return credentials(call, until: clock.now.addingTimeInterval(3600))
        }
        let sessions = sessions(issuer)
        let first = try await sessions.session(for: key())
        clock.advance(by: 3000)
        #expect(try await sessions.session(for: key()).credentials.accessKeyID == first.credentials.accessKeyID)
        #expect(sessions.issuerIsAway)
        clock.advance(by: 400)
        await #expect(throws: IssuerError.self) { try await sessions.session(for: key()) }
    }

    @Test func `when AWS refuses, nothing older is served`() async throws {
        let clock = clock
        let issuer = ScriptedIssuer { call throws(IssuerError) in
            if call == 2 { throw .refused(cause: "AccessDenied") }
            return credentials(call, until: clock.now.addingTimeInterval(3600))
        }
        let sessions = sessions(issuer)
        _ = try await sessions.session(for: key())
        clock.advance(by: 2000)
        await #expect(throws: IssuerError.self) { try await sessions.session(for: key()) }
        #expect(try await sessions.session(for: key()).credentials.accessKeyID.hasSuffix("3"))
    }

    @Test func `credentials that have expired on arrival are not served`() async throws {
        let clock = clock
        let issuer = ScriptedIssuer { _ throws(IssuerError) in
            credentials(until: clock.now.addingTimeInterval(-1))
        }
        await #expect(throws: IssuerError.self) { try await sessions(issuer).session(for: key()) }
    }

    @Test func `no session outlives its key`() async throws {
        let issuer = hourly()
        let session = try await sessions(issuer).session(for: key(life: 1200))
        #expect(issuer.requests.first?.duration.seconds == 1200)
        #expect(issuer.requests.first?.notAfter == clock.now.addingTimeInterval(1200))
        #expect(session.credentials.timeLeft(at: clock.now) == 1200)
    }

    @Test func `a key that ends before AWS's shortest session is cut by the session's policy`() async throws {
        let issuer = hourly()
        let key = try key(life: 300)
        let session = try await sessions(issuer).session(for: key)
        #expect(issuer.requests.first?.duration.seconds == 900)
        #expect(issuer.requests.first?.notAfter == key.expires)
        #expect(session.credentials.expiration == key.expires)
    }
}

/// Holds its callers until it is opened.
final class Gate: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    func wait() async {
        for await _ in stream {}
    }

    func open() {
        continuation.finish()
    }
}
