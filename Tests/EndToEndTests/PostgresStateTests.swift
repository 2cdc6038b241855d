import BursarFoundation
import BursarHTTP
import BursarModel
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The readiness of a server on PostgreSQL, and the findings of `admin doctor`.
@Suite struct PostgresStateTests {
    private struct Readiness: Decodable {
        let ready: Bool
        let parts: [String: String]
    }

    private static func database(of server: ChildServer, _ home: PostgresHome) async throws -> String? {
        let body = try await home.world.get(server.url + "/readyz").body
        return try JSONDecoder().decode(Readiness.self, from: body).parts["database"]
    }

    private static func wait(for state: String, of server: ChildServer, _ home: PostgresHome) async throws {
        try await Waiting.until("the database to be \(state)") { try await database(of: server, home) == state }
        let status = state == "ok" ? 200 : 503
        try await Waiting.until("readiness") { try await home.world.get(server.url + "/readyz").status == status }
        #expect(try await home.world.get(server.url + "/healthz").status == 200)
    }

    private static let endConnections =
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE usename = 'bursar_server'"

    @Test func `readiness says which part of the way to the database is closed, and liveness goes on`() async throws {
        let home = try await PostgresHome()
        try await home.onboardAda()
        let key = try await home.issueKey()
        try await home.world.serve(home.settings) { server in
            try await Self.wait(for: "ok", of: server, home)
            for (change, state, undoing) in [
                ("NOLOGIN", "refused", "LOGIN"), ("CONNECTION LIMIT 0", "busy", "CONNECTION LIMIT -1"),
            ] {
                try await home.cluster.sql("ALTER ROLE bursar_server \(change); \(Self.endConnections)")
                try await Self.wait(for: state, of: server, home)
                try await home.cluster.sql("ALTER ROLE bursar_server \(undoing)")
                try await Self.wait(for: "ok", of: server, home)
            }
            #expect(try await home.world.get(server.url + "/credentials", key: key.text).status == 200)
            let loss = "SET session_replication_role = replica; DELETE FROM bursar.records WHERE kind = 'vend'"
            try await home.cluster.sql("\(loss); \(Self.endConnections)", database: home.database)
            try await Self.wait(for: "lost records", of: server, home)
            #expect(try await home.world.refusal(server.url + "/credentials", key: key.text) == "not_recorded")
            server.stop()
            var log: [String] = []
            for await line in server.lines { log.append(line) }
            #expect(log.contains { $0.contains("state=refused") && $0.contains("not permitted to log in") }, "\(log)")
            #expect(log.contains { $0.contains("has lost the record 3 ") }, "\(log)")
        }
    }

    @Test func `a server that is gone makes the database unreachable`() async throws {
        let home = try await PostgresHome()
        try await home.onboardAda()
        let process = try #require(home.cluster.processID)
        try await home.world.serve(home.settings) { server in
            try await Self.wait(for: "ok", of: server, home)
            kill(process, SIGKILL)
            try await Self.wait(for: "unreachable", of: server, home)
        }
    }

    private struct Report: Decodable {
        struct Finding: Decodable {
            let check: String
            let status: String
            let detail: String
        }

        let passed: Bool
        let findings: [Finding]

        subscript(check: String) -> String? {
            findings.first { $0.check == check }.map { "\($0.status): \($0.detail)" }
        }
    }

    private static func doctor(
        _ home: PostgresHome,
        as user: String = "bursar_admin",
        _ changes: [String: String] = [:]
    ) async throws -> Report {
        let settings = home.settings(as: user).merging(changes) { $1 }
        let outcome = try await home.world.run(Checkout.program("admin"), words("doctor --format json"), settings)
        let report = try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
        #expect(outcome.isSuccess == report.passed)
        return report
    }

    @Test func `doctor looks at the server's settings, and at the servers that share the database`() async throws {
        let home = try await PostgresHome()
        try await home.onboardAda()
        let alone = try await Self.doctor(home)
        #expect(alone.passed)
        #expect(alone["database"]?.hasPrefix("ok: ") == true)
        #expect(alone["postgres"]?.hasPrefix("ok: PostgreSQL ") == true)
        #expect(alone["failover"]?.hasPrefix("warning: no standby is synchronous") == true)
        #expect(alone["connections"]?.hasPrefix("ok: ") == true)
        #expect(alone["servers"]?.hasPrefix("warning: none works on this database") == true)
        #expect(alone["clock"]?.hasPrefix("ok: ") == true)
        #expect(alone["server"] == nil)
        try await home.world.serve(home.settings) { server in
            // The server's own login may ask, as a timer on its machine does.
            let served = try await Self.doctor(home, as: "bursar_server")
            #expect(served["servers"]?.hasPrefix("ok: 1 runs: ") == true, "\(served["servers"] ?? "none")")
            let row = "SELECT 'x', 'elsewhere', '0.0.9', max(seen_at), 0 FROM bursar.servers"
            try await home.cluster.sql("INSERT INTO bursar.servers \(row)", database: home.database)
            let mixed = try await Self.doctor(home)
            #expect(mixed["servers"]?.hasPrefix("warning: 2 run, of different versions: ") == true)
            #expect(mixed["servers"]?.contains("elsewhere (0.0.9)") == true)
        }
        try await home.cluster.sql("ALTER SYSTEM SET full_page_writes = off")
        try await home.cluster.sql("SELECT pg_reload_conf()")
        try await Waiting.until("the settings") {
            try await Self.doctor(home)["postgres"]?.hasPrefix("warning: full_page_writes is off") == true
        }
    }

    @Test func `a self-test, a decision and the facts are those of a database in a file`() async throws {
        let home = try await PostgresHome()
        try await home.onboardAda()
        _ = try await home.issueKey()
        try await home.world.serve(home.settings) { server in
            let selftest = try await succeeded(home.admin("selftest --url \(server.url)"))
            #expect(selftest.output.contains("quota_exhausted") && !selftest.output.contains("differs"))
            let report = try await succeeded(home.admin("usage report --format csv"))
            #expect(!report.output.contains("selftest"))
        }
        let decision = try await home.world.run(
            Checkout.program("admin"),
            words("whatif ada"),
            home.settings(as: "bursar_admin")
        )
        #expect(decision.isSuccess, "\(decision.errors)")
        let facts = try await succeeded(home.admin("database info")).output
        #expect(facts.contains("\(home.database)") && facts.contains("schema"), "\(facts)")
        try await succeeded(home.admin("audit verify"))
    }

    @Test(.enabled(if: SteppedClock.library != nil, "needs libfaketime"))
    func `doctor sees a clock that differs from the database's`() async throws {
        let home = try await PostgresHome()
        try await home.onboardAda()
        let clock = try SteppedClock(home.world)
        for (hours, words) in [(1, "the database's clock is 3600 s behind this"), (-1, "the newest record is")] {
            try clock.step(hours: hours)
            let found = try await Self.doctor(home, clock.settings([:]))["clock"] ?? ""
            #expect(found.contains(words), "\(found)")
        }
    }
}
