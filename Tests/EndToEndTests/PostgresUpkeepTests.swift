import BursarFoundation
import BursarModel
import TestSupport
import Testing

/// `admin database backup`, `copy`, `reconcile`, `info` and `check` on a database in PostgreSQL.
@Suite struct PostgresUpkeepTests {
    private let world: World
    private let cluster: PostgresCluster
    private let database: String

    init() async throws {
        world = try World()
        cluster = try await PostgresCluster.start()
        database = try await cluster.makeDatabase()
        try await succeeded(admin("database init", on: address(PostgresCluster.superuser)))
        try await succeeded(admin("researchers add ada --name Ada --email ada@example.edu --project engines"))
        try await succeeded(admin("researchers add bob --name Bob --email bob@example.edu --project looms"))
    }

    private func address(_ user: String = "bursar_admin", _ name: String? = nil) -> String {
        cluster.address(database: name ?? database, user: user)
    }

    /// Runs `admin` with the words of `line`, then `more` unsplit, on this database or another.
    private func admin(_ line: String, _ more: String..., on other: String? = nil) async throws -> Program.Outcome {
        try await world.run(Checkout.program("admin"), words(line) + more, ["BURSAR_DATABASE": other ?? address()])
    }

    private func issueKey(to handle: String = "ada") async throws -> KeyID {
        try ResearcherKey(parsing: try await succeeded(admin("keys issue \(handle)")).output).id
    }

    /// The outcome of the chain's checker that shares nothing with Bursar.
    private func chain(of place: String) async throws -> Program.Outcome {
        try await world.run("/usr/bin/env", ["python3", Checkout.root + "Tests/Benchmarks/Server/chain.py", place])
    }

    private func head(of place: String) async throws -> String {
        struct Report: Decodable {
            let last: Int
            let head: String
        }
        let text = try await succeeded(admin("audit verify --format json", on: place)).output
        let report = try JSONDecoder().decode(Report.self, from: Data(text.utf8))
        return "\(report.last) \(report.head)"
    }

    /// An operator's lists and reports of a database, byte by byte.
    private func lists(of place: String) async throws -> [String] {
        var texts: [String] = []
        for line in [
            "researchers list --format json", "keys list --format csv", "audit list --limit 100 --format json",
            "usage report --month 2026-01 --format csv", "usage report --by key --format json",
        ] {
            texts.append(try await succeeded(admin(line, on: place)).output)
        }
        return texts
    }

    private func leftovers(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix(".bursar-") }
    }

    // MARK: Backups

    @Test func `a backup is one SQLite file that proves itself, and is the way back`() async throws {
        let key = try await issueKey()
        let copy = world.home + "/copy.sqlite"
        let made = try await succeeded(admin("database backup", copy))
        #expect(made.output.isEmpty)
        #expect(made.errors.contains("wrote \(copy): ") && made.errors.contains("up to record 4, checked"))
        #expect(made.errors.contains("keep it as safe as the database"))
        let mode = try FileManager.default.attributesOfItem(atPath: copy)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: world.home) == ["copy.sqlite"])

        #expect(try await head(of: copy).hasPrefix("4 "))
        try await succeeded(admin("database check", on: copy))
        #expect(try await succeeded(admin("keys list", on: copy)).output.contains("\(key)"))
        #expect(try await succeeded(admin("database info")).output.contains("last backup  2"))

        let again = try await admin("database backup", copy)
        #expect(again.exitCode == 1 && again.errors.contains("there is a file at \(copy) already"))
        let nowhere = try await admin("database backup", world.home + "/none/copy.sqlite")
        #expect(nowhere.exitCode == 1 && nowhere.errors.contains("there is no folder"))
        #expect(try await head(of: address()).hasPrefix("5 "), "neither was begun")
    }

    @Test func `another checker of the chain agrees, on the server and on the backup, before and after an edit`()
        async throws
    {
        for _ in 0..<3 { _ = try await issueKey() }
        let (sound, forged) = (world.home + "/sound.sqlite", world.home + "/forged.sqlite")
        try await succeeded(admin("database backup", sound))
        for place in [address(PostgresCluster.superuser), sound] {
            let checked = try await succeeded(chain(of: place)).output
            #expect(try await checked == head(of: place) + "\n")
        }
        let edit = "SET session_replication_role = replica; UPDATE bursar.records SET actor = 'eve' WHERE sequence = 3"
        try await cluster.sql(edit, database: database)
        // A faithful copy, of the forged record too.
        try await succeeded(admin("database backup", forged))
        for place in [address(PostgresCluster.superuser), forged] {
            let checked = try await chain(of: place)
            #expect(checked.exitCode == 1 && checked.errors.contains("record 3 doesn't fit"), "\(checked.errors)")
            let verified = try await admin("audit verify", on: place)
            #expect(verified.exitCode == 1 && verified.errors.contains("record 3 doesn't fit its hash"))
            let check = try await admin("database check", on: place)
            #expect(check.exitCode == 1 && check.output.contains("record 3 doesn't follow from those before it"))
        }
        let copied = try await admin("database copy", address(), world.home + "/moved.sqlite")
        #expect(copied.exitCode == 1)
        #expect(copied.errors.contains("can't be copied: record 3 doesn't follow"), "\(copied.errors)")
        #expect(!FileManager.default.fileExists(atPath: world.home + "/moved.sqlite"))
    }

    @Test func `of a killed backup the next run leaves nothing, but what is another's`() async throws {
        let folder = world.home + "/backups"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try await kill(["database", "backup", folder + "/copy.sqlite"], whileAppendingTo: "records", in: database)
        let left = try #require(try leftovers(in: folder).first, "the run was killed on its way")
        let (foreign, link) = (folder + "/.bursar-notes", folder + "/" + left + "x")
        try Data("mine".utf8).write(to: URL(filePath: foreign))
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: foreign)
        try await succeeded(admin("database backup", folder + "/copy.sqlite"))
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        #expect(names == [".bursar-notes", String(link.dropFirst(folder.count + 1)), "copy.sqlite"].sorted())
    }

    /// Kills `admin` once it waits for a table that another session has locked against changes, and ends that session.
    private func kill(
        _ arguments: [String],
        whileAppendingTo table: String,
        in database: String
    ) async throws {
        let script = """
            psql() { "$PSQL" -h "$SOCKET" -p "$PORT" -U postgres -d "$NAME" -X -q -At "$@"; }
            until_true() {
                tries=0
                until [ "$(psql -c "SELECT EXISTS ($1)")" = t ]; do
                    tries=$((tries + 1)); [ $tries -lt 1200 ] || exit 2; sleep 0.05
                done
            }
            psql -c "BEGIN; LOCK TABLE bursar.$TABLE IN SHARE MODE; SELECT pg_sleep(600)" >/dev/null 2>&1 & holder=$!
            until_true "SELECT FROM pg_locks WHERE granted AND mode = 'ShareLock' AND relation = 'bursar.$TABLE'::regclass"
            "$0" "$@" & process=$!
            until_true "SELECT FROM pg_stat_activity WHERE application_name = 'bursar' AND wait_event_type = 'Lock'"
            kill -9 $process; wait $process
            psql -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid()" >/dev/null
            wait $holder; exit 0
            """
        let variables = [
            "PSQL": try PostgresCluster.binaries() + "/psql", "SOCKET": cluster.folder, "PORT": "\(cluster.port)",
            "NAME": database, "TABLE": table, "BURSAR_DATABASE": address(),
        ]
        try await succeeded(
            world.run("/bin/sh", ["-c", script, Checkout.program("admin")] + arguments, variables)
        )
    }

    // MARK: Copies

    @Test func `a database moves to PostgreSQL and back, and every list is the same`() async throws {
        let file = world.database
        try await succeeded(world.admin("database init"))
        _ = try await world.addResearcher("ada")
        for _ in 0..<3 { try await succeeded(world.admin("keys issue ada")) }
        try await succeeded(world.admin("vending pause --yes"))
        let new = try await cluster.makeDatabase()
        let target = address(PostgresCluster.superuser, new)
        let copied = try await succeeded(admin("database copy", file, target))
        #expect(copied.output.isEmpty)
        let head = try await head(of: file)
        #expect(copied.errors.contains("copied 1 researcher, 3 keys, 5 records"), "\(copied.errors)")
        #expect(copied.errors.contains("head of \(file): \(head)\n"))
        #expect(copied.errors.contains("/\(new): \(head)\n"))
        #expect(copied.errors.contains("next: have BURSAR_DATABASE name the new one"))
        #expect(copied.errors.contains("vending is paused there too: admin vending resume"))
        #expect(try await lists(of: target) == lists(of: file))
        #expect(try await self.head(of: target) == head)

        let back = world.home + "/back.sqlite"
        let json = try await succeeded(admin("database copy --format json", target, back)).output
        #expect(json.contains("\"chainHead\" : \"\(head.split(separator: " ")[1])\""), "\(json)")
        #expect(try await lists(of: back) == lists(of: file))
        try await succeeded(admin("database check", on: back))
    }

    @Test func `a copy replaces nothing, and isn't made of a database that is in use`() async throws {
        let file = world.home + "/file.sqlite"
        try await succeeded(admin("database init", on: file))
        for (from, to, words) in [
            (address(), address(), "the same database"),
            (address(), address(PostgresCluster.superuser), "the same database"),
            (file, file, "the same database"),
            (file, address(), "holds data, which no copy replaces"),
            (address(), file, "there is a file at"),
            (world.home + "/none.sqlite", file + "2", "there is no database at"),
            (address(), "postgres://a:sesame@db.example.edu/x", "TO is no address of a database"),
        ] {
            let outcome = try await admin("database copy", from, to)
            #expect(outcome.exitCode == (words.hasPrefix("TO is") ? 64 : 1), "\(to)")
            #expect(outcome.errors.contains(words) && outcome.errors.contains("hint: "), "\(outcome.errors)")
            #expect(!outcome.errors.contains("sesame"))
        }
        for options in ["--database x", "--from-password-file x", "--to-password-file x"] {
            #expect(try await admin("database copy \(options) a.sqlite b.sqlite").exitCode == 64, "\(options)")
        }
        let settings = ["BURSAR_ISSUER": "simulated", "BURSAR_DATABASE": address("bursar_server")]
        let target = world.home + "/copy.sqlite"
        try await world.serve(settings) { _ in
            try await Waiting.until("the server to show") {
                try await succeeded(admin("database info --format json")).output.contains("\"isServed\" : true")
            }
            let served = try await admin("database copy", address(), target)
            #expect(served.exitCode == 1)
            #expect(served.errors.contains("a server vends from "), "\(served.errors)")
            #expect(served.errors.contains("admin vending pause"))
            try await succeeded(admin("vending pause --yes"))
            let paused = try await succeeded(admin("database copy", address(), target))
            #expect(paused.errors.contains("refusals that it records from now on are not in the copy"))
        }
    }

    @Test func `a killed copy leaves an empty database, which the next one fills`() async throws {
        _ = try await issueKey()
        let new = try await cluster.makeDatabase()
        let target = address(PostgresCluster.superuser, new)
        try await succeeded(admin("database init", on: target))
        try await kill(["database", "copy", address(), target], whileAppendingTo: "records", in: new)
        #expect(try await cluster.sql("SELECT count(*) FROM bursar.researchers", database: new) == "0")
        try await succeeded(admin("database copy", address(), target))
        #expect(try await head(of: target) == head(of: address()))
    }

    @Test func `each side has a password of its own, from a file`() async throws {
        let strict = try await PostgresCluster.start(
            access: "local all postgres trust\nlocal all all scram-sha-256\nhost all all all scram-sha-256"
        )
        let name = try await strict.makeDatabase()
        let owner = strict.address(database: name)
        try await succeeded(admin("database init", on: owner))
        try await strict.sql("ALTER ROLE bursar_admin PASSWORD 'sesame'")
        let file = world.home + "/password"
        try Data("sesame\n".utf8).write(to: URL(filePath: file))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
        let target = strict.address(database: name, user: "bursar_admin")
        let refused = try await admin("database copy", address(), target)
        #expect(refused.exitCode == 1 && refused.errors.contains("password"), "\(refused.errors)")
        try await succeeded(admin("database copy --to-password-file", file, address(), target))
        let back = world.home + "/back.sqlite"
        try await succeeded(admin("database copy --from-password-file", file, target, back))
        #expect(try await head(of: back) == head(of: address()))
    }

    // MARK: After a restore

    @Test func `after the server's own restore, a backup brings later revocations back`() async throws {
        let (lost, kept) = (try await issueKey(), try await issueKey())
        let snapshot = try await cluster.makeDatabase(template: database)
        try await succeeded(admin("keys revoke \(lost) --reason stolen --yes"))
        try await succeeded(admin("researchers disable bob --reason left --yes"))
        let file = world.home + "/later.sqlite"
        try await succeeded(admin("database backup", file))

        let restored = address("bursar_admin", snapshot)
        let refused = try await admin("database restore", file, on: restored)
        #expect(refused.exitCode == 1)
        #expect(refused.errors.contains("is on a server, which restores its own snapshots"), "\(refused.errors)")
        #expect(refused.errors.contains("`admin database reconcile --with FILE` brings later revocations back"))

        let preview = try await succeeded(admin("database reconcile --dry-run --with", file, on: restored))
        #expect(preview.output.contains("\(lost)") && preview.output.contains("revoked since"))
        #expect(preview.output.contains("bob") && !preview.output.contains("\(kept)"))
        #expect(preview.errors.contains("nothing was changed: this was a dry run"))
        let asked = try await admin("database reconcile --with", file, on: restored)
        #expect(asked.exitCode == 1 && asked.errors.contains("there is no terminal to ask: take over 2 restrictions?"))
        let taken = try await succeeded(admin("database reconcile --yes --with", file, on: restored))
        #expect(taken.errors.contains("took over 2 restrictions, each on record"))
        let keys = try await succeeded(admin("keys list --format csv", on: restored)).output
        #expect(keys.contains("revoked"), "\(keys)")
        #expect(try await succeeded(admin("researchers list --format csv", on: restored)).output.contains("disabled"))
        try await succeeded(admin("database check", on: restored))
        let again = try await succeeded(admin("database reconcile --yes --with", file, on: restored))
        #expect(again.errors.contains("nothing to take over; nothing was changed"))

        let other = world.home + "/other.sqlite"
        try await succeeded(admin("database init", on: other))
        let unrelated = try await admin("database reconcile --yes --with", other, on: restored)
        #expect(unrelated.exitCode == 1 && unrelated.errors.contains("they have no record in common"))
    }

    // MARK: Facts and checks

    @Test func `info says what is there and who serves it, and check looks at everything`() async throws {
        _ = try await issueKey()
        let info = try await succeeded(admin("database info")).output
        #expect(info.contains("path         postgres://bursar_admin@") && !info.contains("log "), "\(info)")
        #expect(info.contains("free disk    the database server's") && info.contains("server       none\n"))
        #expect(info.contains("records      3, ") && info.contains("researchers  2, 0 disabled"))
        let settings = ["BURSAR_ISSUER": "simulated", "BURSAR_DATABASE": address("bursar_server")]
        try await world.serve(settings) { _ in
            try await Waiting.until("the server to show") {
                try await succeeded(admin("database info")).output.contains("server       1: ")
            }
        }
        let check = try await succeeded(admin("database check")).output
        for words in ["schema", "no page with a wrong checksum", "every row that another refers to", "chain", "counts"]
        {
            #expect(check.contains(words), "\(check)")
        }
        for (edit, words) in [
            ("UPDATE bursar.records SET actor = 'eve' WHERE sequence = 2", "record 2 doesn't follow"),
            ("UPDATE bursar.keys SET researcher = 'gone'", "a row of keys refers to one of researchers"),
            (
                "INSERT INTO bursar.usage_totals (day, outcome, count, last_at) VALUES (1, 'vended', 1, 1)",
                "usage_totals counts 1"
            ),
        ] {
            try await cluster.sql("SET session_replication_role = replica; " + edit, database: database)
            let flawed = try await admin("database check")
            #expect(flawed.exitCode == 1 && flawed.output.contains(words), "\(flawed.output)")
        }
        try await cluster.sql("ALTER TABLE bursar.records DISABLE TRIGGER records_stay", database: database)
        let altered = try await admin("database check")
        #expect(altered.exitCode == 1 && altered.output.contains("records_stay"), "\(altered.output)")
    }
}
