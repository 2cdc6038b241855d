import BursarConsole
import BursarFiles
import BursarFoundation
import BursarHTTP
import BursarModel
import SystemPackage
import TestSupport
import Testing

@testable import creds

/// A lock that another process holds and never releases.
struct HeldLockTests {
    let home: Home

    init() throws {
        home = try Home()
    }

    @Test func `a session that works is handed out at once`() async throws {
        try await FakeBursar.run(.hour, home: home) { server in
            _ = try await server.install()
            try home.writeDueSession()
            guard let held = try home.cache().tryLock() else {
                Issue.record("a free lock could not be had")
                return
            }
            let output = try await home.creds("process")
            #expect(output.isSuccess && output.errors.isEmpty)
            #expect(output.output.contains("ASIADUE000000000000"))
            #expect(server.asked == 0)
            held.release()
            #expect(try await home.creds("process").output.contains("ASIAEXAMPLE0000000001"))
        }
    }

    @Test func `with none, the wait has an end, and the error says what for`() async throws {
        let cache = SessionCache(
            folder: home.path.appending("cache"),
            id: try #require(CacheID("0123456789ABCDEFGHIJKL"))
        )
        guard let held = try cache.tryLock() else {
            Issue.record("a free lock could not be had")
            return
        }
        var renewal = SessionRenewal(cache: cache, now: { CachedSessionTests.now }, fetch: { _ in throw Unwanted() })
        renewal.limit = .milliseconds(50)
        await #expect(throws: SessionRenewal.Failure.stillAsking) { try await renewal.session() }
        await #expect(throws: SessionRenewal.Failure.stillAsking) { try await renewal.renewed() }
        // The session that the holder stored counts, even without its release of the lock.
        let session = CachedSessionTests.session(life: 3600)
        try cache.write(session)
        #expect(try await renewal.session().output == session.output)
        held.release()
        let server = try ServerURL(parsing: "https://localhost")
        let problem = CredsErrorMessages(profile: .standard, server: server).problem(SessionRenewal.Failure.stillAsking)
        #expect(problem.problem == "another creds has been asking https://localhost for ten seconds")
    }

    private struct Unwanted: Error {}
}
