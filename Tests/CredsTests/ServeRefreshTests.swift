import BursarConsole
import BursarFiles
import BursarFoundation
import BursarHTTP
import Synchronization
import TestSupport
import Testing

@testable import creds

/// The session that an endpoint keeps in memory, and the response when there is none.
struct ServeRefreshTests {
    @Test func `while the session lives nobody is asked`() async throws {
        let fake = Fake([.success(3600)])
        let held = fake.held
        for _ in 0..<3 { #expect(try await held.session().expiration == fake.start + 3600) }
        #expect(fake.looks == 1)
    }

    @Test func `a fetch brings a newer session ahead of the end`() async throws {
        let fake = Fake([.success(3600), .success(7200)])
        let held = fake.held
        _ = try await held.session()
        await held.refresh()
        #expect(try await held.session().expiration == fake.start + 7200)
        #expect(fake.looks == 2)
    }

    @Test func `when a refresh fails the session that lives is served, and no other after its end`() async throws {
        let fake = Fake([.success(3600), .failure(Self.away)])
        let held = fake.held
        _ = try await held.session()
        await held.refresh()
        #expect(try await held.session().expiration == fake.start + 3600)
        fake.advance(3600)
        await #expect(throws: Self.away) { try await held.session() }
    }

    @Test func `a key that is no good ends the session that was held`() async throws {
        let fake = Fake([.success(3600), .failure(Self.revoked)])
        let held = fake.held
        _ = try await held.session()
        await held.refresh()
        await #expect(throws: Self.revoked) { try await held.session() }
        #expect(fake.looks == 2)
    }

    @Test(arguments: [(29, 1), (30, 2)])
    func `a refusal is remembered for half a minute`(seconds: Double, looks: Int) async throws {
        let fake = Fake([.failure(Self.away)])
        let held = fake.held
        await #expect(throws: Self.away) { try await held.session() }
        fake.advance(seconds)
        await #expect(throws: Self.away) { try await held.session() }
        #expect(fake.looks == looks)
    }

    @Test func `a clock that is set back by hours keeps nobody waiting for them`() async throws {
        let fake = Fake([.failure(Self.away), .success(3600)])
        let held = fake.held
        await #expect(throws: Self.away) { try await held.session() }
        fake.advance(-10_000)
        _ = try await held.session()
        #expect(fake.looks == 2)
    }

    @Test func `the server says how long to stay away`() async throws {
        var limited = Self.away
        limited.retryAfter = .seconds(120)
        let fake = Fake([.failure(limited), .success(3600)])
        let held = fake.held
        await #expect(throws: limited) { try await held.session() }
        fake.advance(119)
        await #expect(throws: limited) { try await held.session() }
        fake.advance(1)
        _ = try await held.session()
        #expect(fake.looks == 2)
    }

    @Test func `however many ask at once, one fetch is under way`() async throws {
        let fake = Fake([.success(3600)])
        let held = fake.held
        try await withThrowingTaskGroup { group in
            for _ in 0..<50 { group.addTask { _ = try await held.session() } }
            try await group.waitForAll()
        }
        #expect(fake.looks == 1)
    }

    @Test func `a session that AWS has ended is fetched again, twice a minute at most`() async throws {
        let fake = Fake([.success(3600), .success(7200), .success(7300)])
        let held = fake.held
        _ = try await held.session()
        await held.refreshRefused()
        await held.refreshRefused()
        #expect(fake.looks == 2)
        #expect(fake.forced == 1)
        fake.advance(30)
        await held.refreshRefused()
        #expect(fake.forced == 2)
    }

    @Test func `a session that AWS has ended is fetched again, also while a fetch in the cache is under way`()
        async throws
    {
        let (begun, beginning) = AsyncStream.makeStream(of: Void.self)
        let (end, ending) = AsyncStream.makeStream(of: Void.self)
        let forced = Mutex(0)
        let fetch: InMemorySession.Fetch = { isForced throws(LocalEndpointError) in
            if isForced {
                forced.withLock { $0 += 1 }
            } else {
                beginning.finish()
                for await _ in end {}
            }
            return CachedSessionTests.session(life: 3600)
        }
        let held = InMemorySession(now: { CachedSessionTests.now }, fetch: fetch)
        async let plain: Void = held.refresh()
        for await _ in begun {}
        async let refused: Void = held.refreshRefused()
        for _ in 0..<100 { await Task.yield() }
        ending.finish()
        _ = await (plain, refused)
        #expect(forced.withLock { $0 } == 1)
    }

    private static let away = LocalEndpointError(status: 503, code: "server_unreachable", message: "away")
    private static let revoked: LocalEndpointError = {
        var refusal = LocalEndpointError(status: 401, code: "key_revoked", message: "revoked")
        refusal.isFinal = true
        return refusal
    }()

    /// Returns scripted results one after the other and repeats the last, on a clock of its own.
    private final class Fake: Sendable {
        let start = CachedSessionTests.now
        private let state: Mutex<(answers: [Result<Double, LocalEndpointError>], now: Date, looks: Int, forced: Int)>

        init(_ answers: [Result<Double, LocalEndpointError>]) {
            state = Mutex((answers, start, 0, 0))
        }

        var looks: Int { state.withLock { $0.looks } }
        var forced: Int { state.withLock { $0.forced } }

        func advance(_ seconds: Double) {
            state.withLock { $0.now += seconds }
        }

        @Sendable private func now() -> Date {
            state.withLock { $0.now }
        }

        var held: InMemorySession {
            InMemorySession(now: now) { isForced throws(LocalEndpointError) in
                let answer = self.state.withLock { state in
                    state.looks += 1
                    state.forced += isForced ? 1 : 0
                    return state.answers.count > 1 ? state.answers.removeFirst() : state.answers[0]
                }
                return CachedSessionTests.session(life: try answer.get())
            }
        }
    }
}

/// The same, by the built program.
struct ServeFaultTests {
    let home: Home

    init() throws {
        home = try Home()
    }

    @Test func `a server that went away leaves the session in use`() async throws {
        try await FakeBursar.run(.fiveMinutes, .unavailable, home: home) { server in
            _ = try await server.install()
            try await ServedEndpoint.run(home) { endpoint in
                #expect(try await endpoint.get().output.contains("ASIAEXAMPLE0000000001"))
                let refresh = try await home.creds("refresh")
                #expect(!refresh.isSuccess)
                #expect(try await endpoint.get().output.contains("ASIAEXAMPLE0000000001"))
            }
        }
    }

    @Test func `a revoked key is reported in the server's words, with its code`() async throws {
        // The session ends during the test, so that the endpoint has to ask.
        try await FakeBursar.run(.twoSeconds, .revoked, home: home) { server in
            _ = try await server.install()
            try await ServedEndpoint.run(home) { endpoint in
                var answer = try await endpoint.get().output
                while answer.contains("ASIA") { answer = try await endpoint.get().output }
                #expect(answer.hasPrefix(#"{"Code":"key_revoked","Message":"this key was revoked (key_revoked); "#))
                let seen = try await endpoint.python("import boto3; boto3.Session().get_credentials()")
                #expect(seen.errors.contains("key_revoked"))
            }
            #expect(server.asked == 2)
        }
    }

    @Test func `a profile that is uninstalled is served no longer`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            let context = CredsContext(
                environment: home.environment,
                programName: "creds",
                workingFolder: { [path = home.path] in path },
                paths: StandardPaths(environment: home.environment),
                terminal: Terminal(program: "creds", environment: home.environment),
                transport: HTTPTransport(),
                now: { Date() }
            )
            let held = InMemorySession(.standard, context)
            _ = try await held.session()
            #expect(try await home.creds("uninstall", "--yes").isSuccess)
            await held.refresh()
            let refusal = await #expect(throws: LocalEndpointError.self) { try await held.session() }
            #expect(refusal?.code == "not_installed")
        }
    }
}
