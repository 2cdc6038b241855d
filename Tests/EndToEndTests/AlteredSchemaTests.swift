import BursarFoundation
import BursarHTTP
import BursarModel
import TestSupport
import Testing

/// An attacker with write access to the database adds or drops a trigger, to hide vends or to keep a key alive.
@Suite struct AlteredSchemaTests {
    private static let simulated = ["BURSAR_ISSUER": "simulated"]
    private static let ignore = "BEGIN SELECT RAISE(IGNORE); END"
    /// The change, its name, and the change that reverts it.
    static let changes = [
        (
            "CREATE TRIGGER hide BEFORE INSERT ON records WHEN NEW.kind = 'vend' AND NEW.researcher = 'ada' \(ignore)",
            "trigger hide was added", "DROP TRIGGER hide"
        ),
        (
            "CREATE TRIGGER free BEFORE INSERT ON usage_daily \(ignore)", "trigger free was added", "DROP TRIGGER free"
        ),
        (
            "CREATE TRIGGER keep BEFORE UPDATE OF revoked_at ON keys \(ignore)", "trigger keep was added",
            "DROP TRIGGER keep"
        ),
        (
            "DROP TRIGGER vending_switched", "trigger vending_switched is missing",
            """
            CREATE TRIGGER vending_switched AFTER UPDATE OF paused_at ON revision BEGIN
                UPDATE revision SET value = value + 1;
            END
            """
        ),
        ("CREATE INDEX more ON records (researcher)", "index more was added", "DROP INDEX more"),
        ("CREATE VIEW people AS SELECT * FROM researchers", "view people was added", "DROP VIEW people"),
        ("CREATE TABLE notes (text)", "table notes was added", "DROP TABLE notes"),
        (
            check(of: "BETWEEN 1 AND", "BETWEEN -9 AND"), "table usage_daily was altered",
            check(of: "BETWEEN -9 AND", "BETWEEN 1 AND")
        ),
    ]

    private static func check(of old: String, _ new: String) -> String {
        """
        PRAGMA writable_schema = ON;
        UPDATE sqlite_master SET sql = replace(sql, '\(old)', '\(new)') WHERE name = 'usage_daily'
        """
    }

    private let world: World

    init() throws {
        world = try World()
    }

    private func alter(_ sql: String) async throws {
        let script = """
            import sqlite3, sys
            with sqlite3.connect(sys.argv[1], timeout=600) as db: db.executescript(sys.argv[2])
            """
        try await succeeded(world.run("/usr/bin/env", ["python3", "-c", script, world.database, sql]))
    }

    @Test(arguments: changes)
    func `a running server vends nothing while it is so, and says why`(
        _ change: String,
        _ name: String,
        _ undoing: String
    ) async throws {
        let key = try await world.onboardAda()
        try await world.serve(Self.simulated) { server in
            let url = server.url + "/credentials"
            #expect(try await world.refusal(url, key: key.text) == nil)
            try await alter(change)
            try await Waiting.until("vending to stop") {
                try await world.refusal(url, key: key.text) == "not_recorded"
            }
            try await Waiting.until("readiness to say no") {
                try await world.get(server.url + "/readyz").status == 503
            }
            try await alter(undoing)
            try await Waiting.until("vending to go on") {
                try await world.refusal(url, key: key.text) == nil
            }
            server.stop()
            var log: [String] = []
            for await line in server.lines { log.append(line) }
            #expect(log.contains { $0.contains(name) }, "\(log)")
        }
        #expect(try await world.number("SELECT count(*) FROM records WHERE kind = 'vend'") >= 2)
    }

    @Test(arguments: changes)
    func `no program starts on it, check and doctor name it`(
        _ change: String,
        _ name: String,
        _ undoing: String
    ) async throws {
        let key = try await world.onboardAda()
        let copy = world.home + "/copy.sqlite"
        try await succeeded(world.admin("database backup", copy))
        try await alter(change)
        for command in [
            "keys revoke \(key.id) --reason stolen --yes", "keys list", "audit verify", "audit list", "usage report",
            "researchers disable ada --yes", "vending pause --yes", "database info", "database migrate", "selftest",
            "database check", "doctor",
        ] {
            let outcome = try await world.admin(command)
            #expect(outcome.exitCode == 1, "\(command)")
            #expect((outcome.output + outcome.errors).contains(name), "\(command): \(outcome.errors)")
        }
        let backup = try await world.admin("database backup", world.home + "/other.sqlite")
        #expect(backup.exitCode == 1 && backup.errors.contains(name))
        let served = try await world.run(Checkout.program("vending-server"), ["serve"], Self.simulated)
        #expect(served.exitCode == 1)
        #expect(served.errors.contains(name))
        let checked = try await world.run(Checkout.program("vending-server"), ["check"], Self.simulated)
        #expect((checked.output + checked.errors).contains(name))
        let compared = try await world.run(
            Checkout.program("admin"),
            ["database", "restore", copy, "--compare", world.database],
            ["BURSAR_DATABASE": world.home + "/new.sqlite"]
        )
        #expect(compared.exitCode == 1)
        #expect(compared.errors.contains(name))
        try await alter(undoing)
        #expect(try await world.admin("database check").isSuccess)
        #expect(try await world.number("SELECT count(*) FROM keys WHERE revoked_at IS NOT NULL") == 0)
    }
}
