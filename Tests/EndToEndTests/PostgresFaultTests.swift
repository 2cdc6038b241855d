import BursarFoundation
import BursarHTTP
import BursarModel
import Subprocess
import Synchronization
import SystemPackage
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Servers whose database in PostgreSQL fails: they say so, and go on by themselves once it is back.
@Suite struct PostgresFaultTests {
    /// Has a server hold the writers' lock when `stop` stops it.
    ///
    /// A vend that has the lock is kept from reading the day's use until then. A try whose vend gives up first is made
    /// again, after `undo`.
    private static func stopWithLock(
        in home: PostgresHome,
        on cluster: PostgresCluster,
        by stop: () async throws -> Void,
        undo: () async throws -> Void,
        vend: @escaping @Sendable () async throws -> Void
    ) async throws {
        @discardableResult
        func sql(_ text: String) async throws -> String {
            try await cluster.sql(text, database: home.database)
        }
        let backends =
            "SELECT count(*) FROM pg_stat_activity WHERE usename = 'bursar_server' AND backend_xid IS NOT NULL"
        try await sql("CREATE TABLE stopped (at timestamptz)")
        try await Waiting.until("a server that is stopped with the lock") {
            async let kept = sql(
                """
                BEGIN; LOCK TABLE bursar.usage_daily IN ACCESS EXCLUSIVE MODE;
                DO $$ BEGIN
                    FOR turn IN 1..500 LOOP
                        EXIT WHEN EXISTS (SELECT FROM stopped);
                        PERFORM pg_sleep(0.01);
                    END LOOP;
                END $$;
                COMMIT
                """
            )
            try await Waiting.until("the table's lock") {
                try await sql(
                    "SELECT count(*) FROM pg_locks WHERE relation = 'bursar.usage_daily'::regclass AND granted"
                ) == "1"
            }
            async let vended: Void = vend()
            try await Waiting.until("a vend with the lock") {
                try await sql(backends + " AND wait_event_type = 'Lock'") == "1"
            }
            try await stop()
            try await sql("INSERT INTO stopped VALUES (now())")
            _ = try await kept
            for _ in 0..<20 where try await sql(backends + " AND state = 'idle in transaction'") == "1" {
                return true
            }
            try await undo()
            try await vended
            try await sql("TRUNCATE stopped")
            return false
        }
    }

    @Test func `a server that is frozen while it holds the writers' lock stops the others for about a second`()
        async throws
    {
        let cluster = try await PostgresCluster.start()
        let home = try await PostgresHome(on: cluster)
        let key = try await home.issueKey()
        try await home.world.serve(home.unlimitedSettings) { frozen in
            try await home.world.serve(home.unlimitedSettings) { other in
                try await home.waitForVend(at: other, key)
                try await home.waitForVend(at: frozen, key)
                let (world, url) = (home.world, frozen.url + "/credentials")
                try await Self.stopWithLock(
                    in: home,
                    on: cluster,
                    by: { kill(frozen.processID.value, SIGSTOP) },
                    undo: { kill(frozen.processID.value, SIGCONT) },
                    vend: { _ = try await world.get(url, key: key.text) }
                )
                // Vends of the other wait, or are refused in time, until the database's server ends the transaction.
                let start = ContinuousClock.now
                try await home.waitForVend(at: other, key)
                print("the lock of a frozen server was free after \(ContinuousClock.now - start)")
                kill(frozen.processID.value, SIGCONT)
                try await home.waitForVend(at: frozen, key)
            }
        }
        try await succeeded(home.admin("audit verify"))
    }

    @Test func `servers whose acknowledged vends were lost stop until they are restarted, and log both heads once`()
        async throws
    {
        let primary = try await PostgresCluster.start()
        let endpoint = try PostgresEndpoint(leadingTo: primary)
        let home = try await PostgresHome(on: primary, through: endpoint)
        let key = try await home.issueKey()
        let standby = try await primary.startStandby()
        try await primary.waitForStandby(inCommits: false)
        let settings = home.unlimitedSettings
        let (world, database) = (home.world, home.database)
        func head(of cluster: PostgresCluster) async throws -> String {
            let head =
                "SELECT sequence || ' ' || encode(hash, 'hex') FROM bursar.records ORDER BY sequence DESC LIMIT 1"
            return try await cluster.sql(head, database: database)
        }
        let found = try await head(of: standby)
        try await standby.kill()
        try await world.serve(settings) { server in
            try await home.waitForVend(at: server, key)
            let known = try await head(of: primary)
            try await primary.kill()
            try await standby.startAgain()
            try await standby.promote()
            try endpoint.lead(to: standby)
            let count = Mutex(0)
            let logged = Task { [known, found] in
                for await line in server.lines where line.contains("part=database") {
                    if line.contains(known), line.contains(found) { count.withLock { $0 += 1 } }
                }
            }
            let url = server.url + "/credentials"
            try await Waiting.until("the loss to be noticed") { count.withLock { $0 } > 0 }
            for _ in 0..<3 {
                #expect(try await world.refusal(url, key: key.text) == "not_recorded")
                #expect(try await world.get(server.url + "/readyz").status == 503)
                #expect(try await world.get(server.url + "/healthz").status == 200)
            }
            server.stop()
            await logged.value
            #expect(count.withLock { $0 } == 1)
        }
        try await world.serve(settings) { server in
            try await home.waitForVend(at: server, key)
            #expect(try await world.get(server.url + "/readyz").status == 200)
        }
        try await succeeded(home.admin("audit verify"))
    }

    @Test(.enabled("network namespaces take root's rights") { await RemoteHost.isAllowed() })
    func `a server whose wire is cut while it holds the lock frees it, refuses in time, and is back with the wire`()
        async throws
    {
        try await RemoteHost.with { host in try await Self.cutOff(host) }
    }

    private static func cutOff(_ host: RemoteHost) async throws {
        let folder = try TemporaryFolder()
        let cluster = try await PostgresCluster.startEncrypted(
            as: "IP:\(host.outside)",
            on: host.outside,
            rules: "hostssl all all \(host.inside)/32 trust",
            certificateIn: folder.path.string
        )
        let home = try await PostgresHome(on: cluster)
        let key = try await home.issueKey()
        var remote = home.unlimitedSettings
        remote["BURSAR_DATABASE"] =
            "postgres://bursar_server@\(host.outside):\(cluster.port)/\(home.database)"
            + "?sslmode=verify-full&sslrootcert=\(folder.path.string)/server.pem"
        try await home.world.serve(remote, prefix: host.prefix) { cutOff in
            // The status that a client on the server's own machine gets, in time.
            @Sendable func status() async throws -> String {
                let words =
                    host.prefix + ["curl", "-s", "-m", "20", "-o", "/dev/null", "-w", "%{http_code}", "-H", "@-"]
                let arguments = Array(words.dropFirst()) + [cutOff.url + "/credentials"]
                let input = "x-api-key: \(key.text.reveal())\n"
                return try await home.world.run(words[0], arguments, input: input).output
            }
            try await home.world.serve(home.unlimitedSettings) { other in
                try await Waiting.until("vends") { try await status() == "200" }
                try await Self.stopWithLock(
                    in: home,
                    on: cluster,
                    by: { try await host.cut() },
                    undo: { try await host.mend() },
                    vend: { _ = try await status() }
                )
                let start = ContinuousClock.now
                try await home.waitForVend(at: other, key)
                print("the lock of a server that was cut off was free after \(ContinuousClock.now - start)")
                for _ in 0..<3 { #expect(try await status() == "503") }
                try await host.mend()
                let mended = ContinuousClock.now
                try await Waiting.until("vends of the server that was cut off") { try await status() == "200" }
                print("a server that was cut off vended again after \(ContinuousClock.now - mended)")
            }
        }
        try await succeeded(home.admin("audit verify"))
    }
}

/// PostgreSQL on a full disk.
@Suite(.enabled(if: SmallDisk.canBeMounted, "mounting a disk takes root's rights"))
struct PostgresFullDiskTests {
    @Test func `while the disk of the data is full vends say so, reports go on, and vends are back with the room`()
        async throws
    {
        try await SmallDisk.with(megabytes: 24) { disk in try await Self.fillData(disk) }
    }

    private static func fillData(_ disk: SmallDisk) async throws {
        let cluster = try await PostgresCluster.start()
        let home = try await PostgresHome(on: cluster)
        let (world, key) = (home.world, try await home.issueKey())
        try await cluster.sql("CREATE TABLESPACE small LOCATION '\(disk.path)'")
        try await cluster.sql("ALTER DATABASE \(home.database) SET TABLESPACE small")
        try await world.serve(home.unlimitedSettings) { server in
            let url = server.url + "/credentials"
            try await home.waitForVend(at: server, key)
            try await disk.fill()
            // Until the last page is full.
            try await Waiting.until("the first refusal") {
                try await world.refusal(url, key: key.text) == "not_recorded"
            }
            let ready = try await world.get(server.url + "/readyz")
            #expect(ready.status == 503)
            #expect(String(decoding: ready.body, as: UTF8.self).contains(#""database":"ok","records":"not writable""#))
            #expect(await server.lines.first { $0.contains("there is no room left for the database") } != nil)
            let report = try await succeeded(home.admin("usage report --format csv"))
            #expect(report.output.contains("ada"))
            try await succeeded(home.admin("audit verify"))
            #expect(try await world.get(server.url + "/whoami", key: key.text).status == 200)
            try disk.makeRoom()
            try await home.waitForVend(at: server, key)
            try await Waiting.until("readiness") { try await world.get(server.url + "/readyz").status == 200 }
        }
        try await succeeded(home.admin("audit verify"))
    }

    @Test func `when the disk of the log is full the database ends, and the server vends again once that is back`()
        async throws
    {
        try await SmallDisk.with(megabytes: 96) { disk in try await Self.fillLog(disk) }
    }

    private static func fillLog(_ disk: SmallDisk) async throws {
        let cluster = try await PostgresCluster.start(loggingOn: disk)
        let home = try await PostgresHome(on: cluster)
        let (world, key) = (home.world, try await home.issueKey())
        try await cluster.sql("CREATE TABLE filler (value int)")
        try await world.serve(home.unlimitedSettings) { server in
            let url = server.url + "/credentials"
            try await home.waitForVend(at: server, key)
            try await disk.fill()
            try await Waiting.until("the database's end") {
                (try? await cluster.sql("INSERT INTO filler VALUES (1); SELECT pg_switch_wal()")) == nil
            }
            try await Waiting.until("a refusal") { try await world.refusal(url, key: key.text) == "not_recorded" }
            #expect(try await world.get(server.url + "/readyz").status == 503)
            #expect(try await world.get(server.url + "/healthz").status == 200)
            try disk.makeRoom()
            try await Waiting.until("the database") {
                if (try? await cluster.sql("SELECT 1")) != nil { return true }
                // It may have given up, as its service manager would notice.
                try? await cluster.startAgain()
                return false
            }
            try await home.waitForVend(at: server, key)
            try await Waiting.until("readiness") { try await world.get(server.url + "/readyz").status == 200 }
        }
        try await succeeded(home.admin("audit verify"))
    }
}
