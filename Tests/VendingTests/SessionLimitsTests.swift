import BursarFoundation
import BursarModel
import Testing
import Vending

/// The lifetime of sessions, how often they are made again, and who may go on with an old one.
@Suite struct SessionLimitsTests {
    private let clock = TestClock()
    private let issued: IssuedKey

    init() throws {
        issued = try IssuedKey()
    }

    private func key(
        version: Int64 = 1,
        life: TimeInterval = 1_000_000,
        stay: TimeInterval? = nil,
        validFrom: Date? = nil,
        terms: KeyRestrictions = KeyRestrictions()
    ) throws -> KeyRecord {
        let ends = stay.map { TestClock.start.addingTimeInterval($0) }
        return KeyRecord(
            id: issued.key.id,
            owner: ResearcherStatus(
                handle: try #require(Handle("ada")),
                ends: ends,
                sessionsValidFrom: validFrom
            ),
            project: "engines",
            hash: issued.hash,
            expires: TestClock.start.addingTimeInterval(life),
            revoked: nil,
            terms: terms,
            version: version
        )
    }

    /// An issuer that gives what it is asked for; from call `away` on it can't be reached.
    private func issuer(away: Int = .max) -> ScriptedIssuer {
        let clock = clock
        return ScriptedIssuer { call throws(IssuerError) in
            guard call < away else { throw .unavailable(cause: "away") }
            return credentials(call, until: clock.now.addingTimeInterval(3600))
        }
    }

    private func sessions(_ issuer: ScriptedIssuer, duration: SessionDuration = .oneHour) -> Sessions {
        let clock = clock
        return Sessions(issuer: issuer, duration: duration, now: { clock.now })
    }

    @Test func `nothing is issued before sessions are good again, and then a new one`() async throws {
        let issuer = issuer()
        let sessions = sessions(issuer)
        _ = try await sessions.session(for: key())
        let ending = try key(version: 2, validFrom: TestClock.start + 15)
        for _ in 0..<15 {
            await #expect(throws: IssuerError.self) { try await sessions.session(for: ending) }
            clock.advance(by: 1)
        }
        #expect(issuer.requests.count == 1)
        let session = try await sessions.session(for: ending)
        #expect(session.issued == TestClock.start + 15 && issuer.requests.count == 2)
        #expect(try await sessions.session(for: ending).issued == session.issued)
    }

    @Test func `a moment far ahead is a clock that was set back, and locks nobody out`() async throws {
        let issuer = issuer()
        let sessions = sessions(issuer)
        let ended = try key(validFrom: TestClock.start + 3600)
        _ = try await sessions.session(for: ended)
        _ = try await sessions.session(for: ended)
        // Handed out, and never kept: they may be older than the moment.
        #expect(issuer.requests.count == 2)
    }

    @Test func `a client that asks for more life than is left gets fresh credentials`() async throws {
        let issuer = issuer()
        let sessions = sessions(issuer)
        _ = try await sessions.session(for: key())
        clock.advance(by: 600)
        #expect(try await sessions.session(for: key(), minLeft: 3000).credentials.accessKeyID.hasSuffix("1"))
        #expect(try await sessions.session(for: key(), minLeft: 3001).credentials.accessKeyID.hasSuffix("2"))
        #expect(try await sessions.session(for: key()).credentials.accessKeyID.hasSuffix("2"))
        #expect(issuer.requests.count == 2)
    }

    @Test func `whatever a client asks for, it has fresh ones made once a minute at most`() async throws {
        let issuer = issuer()
        let sessions = sessions(issuer)
        for _ in 0..<600 {
            _ = try await sessions.session(for: key(), minLeft: 43_200)
            clock.advance(by: 1)
        }
        #expect(issuer.requests.count == 10)
    }

    @Test func `asking for more life than AWS will give now is answered with what there is`() async throws {
        let issuer = issuer(away: 2)
        let sessions = sessions(issuer)
        _ = try await sessions.session(for: key())
        clock.advance(by: 600)
        #expect(try await sessions.session(for: key(), minLeft: 3600).credentials.accessKeyID.hasSuffix("1"))
        #expect(sessions.figures.stale == 1)
    }

    @Test func `when the clock was set back, credentials are made again once, not for each request`() async throws {
        let issuer = issuer()
        let sessions = sessions(issuer)
        _ = try await sessions.session(for: key())
        clock.advance(by: -7200)
        for _ in 0..<10 { _ = try await sessions.session(for: key(), minLeft: 43_200) }
        #expect(issuer.requests.count == 2)
    }

    @Test func `a key's own duration stands for the server's`() async throws {
        let issuer = issuer()
        let terms = KeyRestrictions(sessionDuration: SessionDuration(seconds: 7200))
        _ = try await sessions(issuer).session(for: key(terms: terms))
        #expect(issuer.requests.first?.duration.seconds == 7200)
        #expect(issuer.requests.first?.notAfter == nil)
    }

    @Test(
        arguments: [
            (5000, nil, 3600, nil), (3600, nil, 3600, nil), (3599, nil, 3599, 3599), (900, nil, 900, 900),
            (899, nil, 900, 899), (1, nil, 900, 1), (5000, 1200, 1200, 1200), (1200, 5000, 1200, 1200),
            (5000, 60, 900, 60),
        ] as [(TimeInterval, TimeInterval?, Int, TimeInterval?)]
    )
    func `no session outlives its key or its researcher's stay`(
        _ life: TimeInterval,
        _ stay: TimeInterval?,
        _ seconds: Int,
        _ notAfter: TimeInterval?
    ) async throws {
        let issuer = issuer()
        let session = try await sessions(issuer).session(for: key(life: life, stay: stay))
        let request = try #require(issuer.requests.first)
        #expect(request.duration.seconds == seconds)
        #expect(request.notAfter == notAfter.map { TestClock.start.addingTimeInterval($0) })
        #expect(session.credentials.expiration <= TestClock.start.addingTimeInterval(min(life, stay ?? life)))
    }

    @Test func `what a key may do reaches the issuer`() async throws {
        let issuer = issuer()
        var terms = KeyRestrictions()
        terms.models = ModelList("anthropic.claude-*")
        terms.allowed = try AddressList(parsing: "192.0.2.0/24")
        _ = try await sessions(issuer).session(for: key(terms: terms))
        let request = try #require(issuer.requests.first)
        #expect(request.models == terms.models)
        #expect(request.allowed == terms.allowed)
        #expect(request.researcher.description == "ada")
        #expect(request.project == "engines")
        #expect(request.key == issued.key.id)
    }

    @Test func `sessions from before the researcher's were ended are not handed out, even by the same row`()
        async throws
    {
        let issuer = issuer()
        let sessions = sessions(issuer)
        _ = try await sessions.session(for: key())
        clock.advance(by: 10)
        let ended = try key(validFrom: clock.now)
        #expect(try await sessions.session(for: ended).credentials.accessKeyID.hasSuffix("2"))
        #expect(try await sessions.session(for: ended).credentials.accessKeyID.hasSuffix("2"))
    }

    @Test func `sessions that were ended are not served because AWS is away either`() async throws {
        let sessions = sessions(issuer(away: 2))
        _ = try await sessions.session(for: key())
        clock.advance(by: 10)
        let ended = try key(validFrom: clock.now)
        await #expect(throws: IssuerError.self) { try await sessions.session(for: ended) }
    }

    @Test func `old credentials are served with five minutes left, and not with less`() async throws {
        let sessions = sessions(issuer(away: 2))
        _ = try await sessions.session(for: key())
        clock.advance(by: 3300)
        #expect(try await sessions.session(for: key()).credentials.timeLeft(at: clock.now) == 300)
        clock.advance(by: 1)
        await #expect(throws: IssuerError.self) { try await sessions.session(for: key()) }
    }

    @Test func `while AWS is away it is left alone, for whatever key`() async throws {
        let issuer = issuer(away: 1)
        let sessions = sessions(issuer)
        let watch = ContinuousClock()
        let start = watch.now
        for _ in 0..<300 {
            let other = try IssuedKey().record(version: 1, expires: TestClock.start.addingTimeInterval(86_400))
            await #expect(throws: IssuerError.self) { try await sessions.session(for: other) }
        }
        // The first pause is 100 ms at least, each later one longer.
        #expect(issuer.requests.count <= 1 + Int((watch.now - start) / .milliseconds(100)))
    }

    @Test func `while one asks whether AWS is back, others are answered at once`() async throws {
        let gate = Gate()
        let clock = clock
        let issuer = ScriptedIssuer { call throws(IssuerError) in
            if call == 1 { throw .unavailable(cause: "away") }
            await gate.wait()
            return credentials(call, until: clock.now.addingTimeInterval(3600))
        }
        let sessions = sessions(issuer)
        let key = try key()
        await #expect(throws: IssuerError.self) { try await sessions.session(for: key) }
        let asking = Task {
            var result: Session?
            while result == nil { result = try? await sessions.session(for: key) }
            return result
        }
        while issuer.requests.count < 2 { await Task.yield() }
        for _ in 0..<20 {
            let other = try IssuedKey().record(version: 1, expires: TestClock.start.addingTimeInterval(86_400))
            await #expect(throws: IssuerError.self) { try await sessions.session(for: other) }
        }
        #expect(issuer.requests.count == 2)
        gate.open()
        #expect(await asking.value != nil)
        #expect(!sessions.issuerIsAway)
    }

    @Test func `what AWS issued is kept although its caller has gone`() async throws {
        let gate = Gate()
        let clock = clock
        let issuer = ScriptedIssuer { call throws(IssuerError) in
            await gate.wait()
            return credentials(call, until: clock.now.addingTimeInterval(3600))
        }
        let sessions = sessions(issuer)
        let key = try key()
        let caller = Task { try await sessions.session(for: key) }
        while issuer.requests.isEmpty { await Task.yield() }
        caller.cancel()
        gate.open()
        _ = await caller.result
        #expect(try await sessions.session(for: key).credentials.accessKeyID.hasSuffix("1"))
        #expect(issuer.requests.count == 1)
    }
}
