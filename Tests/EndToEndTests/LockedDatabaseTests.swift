import BursarHTTP
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// Another process that holds the database's lock for a while: vends wait, give up in time, and go on after it.
@Suite struct LockedDatabaseTests {
    private static let script = """
        import sqlite3, sys, time
        db = sqlite3.connect(sys.argv[1], isolation_level=None)
        db.execute("BEGIN EXCLUSIVE")
        print("listening 1", flush=True)
        time.sleep(float(sys.argv[2]))
        db.rollback()
        print("free", flush=True)
        sys.stdin.read()
        """

    @Test(arguments: [1, 10])
    func `vends wait two seconds for a lock at most, then are refused, and go on once it is gone`(
        _ seconds: Int
    ) async throws {
        let world = try World()
        _ = try await world.onboardAda()
        let keys = try await world.keysFile(count: 4)
        try await world.serve(["BURSAR_ISSUER": "simulated", "BURSAR_RATE": "10000"]) { server in
            // Keys that are verified and have a session: only the record is left of a vend.
            let first = try await world.crowd(of: 4, at: server.url, keys: keys)
            #expect(first.outcomes == ["200": 4])
            let arguments = ["-c", Self.script, world.database, "\(seconds)"]
            try await ChildServer.run(.path("/usr/bin/env"), ["python3"] + arguments) { locker in
                let crowd = try await world.crowd(of: 100, at: server.url, keys: keys)
                #expect(crowd.slowest < 8)
                #expect(Set(crowd.outcomes.keys).isSubset(of: ["200", "503 not_recorded"]))
                #expect(crowd.retryAfter == crowd.outcomes["503 not_recorded", default: 0])
                if seconds > 2 {
                    #expect(crowd.outcomes == ["503 not_recorded": 100])
                    #expect(try await world.get(server.url + "/readyz").status == 503)
                }
                #expect(await locker.says("free"))
            }
            try await Waiting.until("vends") {
                try await world.crowd(of: 4, at: server.url, keys: keys).outcomes == ["200": 4]
            }
            try await Waiting.until("readiness") { try await world.get(server.url + "/readyz").status == 200 }
        }
    }
}
