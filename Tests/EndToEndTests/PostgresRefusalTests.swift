import BursarFoundation
import BursarHTTP
import BursarModel
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// A database on a server with TLS, with ada in it, that refused programs share.
private struct TLSHome: Sendable {
    let home: PostgresHome
    /// The folder of the certificates and passwords.
    var folder: String { home.world.home }

    static let shared = Task { try await TLSHome() }

    private init() async throws {
        home = try await PostgresHome.withTLS()
        let script = """
            cd "$0" && umask 077; echo right > right; echo wrong > wrong; echo right > exposed; chmod 644 exposed; : > empty
            """
        try await succeeded(home.world.run("/bin/sh", ["-c", script, home.world.home]))
        try await home.onboardAda()
        try await home.cluster.sql(
            "ALTER ROLE bursar_admin PASSWORD 'right'; CREATE ROLE outsider LOGIN PASSWORD 'right'"
        )
        for name in ["empty", "foreign_one"] { try await home.cluster.sql("CREATE DATABASE \(name)") }
        try await home.cluster.sql("CREATE SCHEMA bursar; CREATE TABLE bursar.x (a int)", database: "foreign_one")
    }

    /// The settings for an address with some parts replaced, and with a password from a file of the folder.
    func settings(_ changes: [String: String] = [:], password: String? = "right") -> [String: String] {
        var parts = [
            "user": "bursar_admin", "host": "localhost", "port": "\(home.cluster.port)", "database": home.database,
            "authority": "authority",
        ]
        parts.merge(changes) { $1 }
        func part(_ name: String) -> String { parts[name] ?? "" }
        let path = home.certificate(part("authority"))
        let place = "\(part("user"))@\(part("host")):\(part("port"))/\(part("database"))"
        var settings = [
            "BURSAR_ISSUER": "simulated", "BURSAR_HTTP_PORT": "0",
            "BURSAR_DATABASE": "postgres://\(place)?sslmode=verify-full&sslrootcert=\(path)",
        ]
        if let password { settings["BURSAR_DATABASE_PASSWORD_FILE"] = "\(folder)/\(password)" }
        return settings
    }
}

/// Ways to a database on a server that are closed: one line with the way out, and exit code 1.
@Suite struct PostgresRefusalTests {
    /// Runs both programs, and checks the one line that each prints.
    private static func expectRefusal(
        _ world: World,
        _ settings: [String: String],
        _ problem: String,
        _ hint: String
    ) async throws {
        for (program, arguments) in [("admin", ["keys", "list"]), ("vending-server", ["serve"])] {
            let outcome = try await world.run(Checkout.program(program), arguments, settings)
            #expect(outcome.exitCode == 1, "\(program)")
            let lines = outcome.errors.split(separator: "\n").map(String.init)
            #expect(lines.count == 2 && outcome.output.isEmpty, "\(outcome.errors)")
            #expect(lines.first?.hasPrefix("\(program): error: ") == true && lines[0].contains(problem), "\(lines)")
            #expect(lines.last?.contains(hint) == true, "\(lines)")
        }
    }

    @Test(
        arguments: [
            (["host": "127.0.0.1"], "right", "does not match host name", "a name in the server's certificate"),
            (["authority": "other"], "right", "certificate verify failed", "sslrootcert"),
            (["authority": "nowhere"], "right", "nowhere.pem", "sslrootcert"),
            ([:], "wrong", "password authentication failed", "BURSAR_DATABASE_PASSWORD_FILE"),
            ([:], nil, "the server asks for a password, and there is none", "BURSAR_DATABASE_PASSWORD_FILE"),
            ([:], "exposed", "others may read or change it", "chmod"),
            ([:], "empty", "not one line with a password", "BURSAR_DATABASE_PASSWORD_FILE"),
            ([:], "missing", "no such file", ""),
            (["user": "stranger"], "right", "password authentication failed", "BURSAR_DATABASE_PASSWORD_FILE"),
            (["user": "outsider"], "right", "no right to the schema bursar", "admin database role NAME --admin"),
            (["database": "nowhere"], "right", "database \"nowhere\" does not exist", "CREATE DATABASE"),
            (["database": "empty"], "right", "there is no Bursar database at", "admin database init"),
            (["database": "foreign_one"], "right", "is not a Bursar database", "check the path"),
            (["port": "1"], "right", "Connection refused", "check the address"),
            (["host": "bursar.invalid"], "right", "the name bursar.invalid is not known", "check the address"),
        ] as [([String: String], String?, String, String)]
    )
    func `what is wrong with the way in is named`(
        _ changes: [String: String],
        _ password: String?,
        _ problem: String,
        _ hint: String
    ) async throws {
        let tls = try await TLSHome.shared.value
        try await Self.expectRefusal(tls.home.world, tls.settings(changes, password: password), problem, hint)
    }

    @Test func `libpq's variables and files in the home folder change nothing`() async throws {
        let tls = try await TLSHome.shared.value
        let folder = tls.folder + "/.postgresql"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for name in ["root.crt", "root.crl", "postgresql.crt", "postgresql.key"] {
            try Data("nonsense".utf8).write(to: URL(filePath: "\(folder)/\(name)"))
        }
        let service = "[elsewhere]\nhost=192.0.2.1\nport=1\nuser=other\n"
        try Data(service.utf8).write(to: URL(filePath: tls.folder + "/.pg_service.conf"))
        try Data("*:*:*:*:wrong\n".utf8).write(to: URL(filePath: tls.folder + "/.pgpass"))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: tls.folder + "/.pgpass")
        let variables = [
            "PGOPTIONS": "-c default_transaction_read_only=on -c search_path=nowhere", "PGSERVICE": "elsewhere",
            "PGSERVICEFILE": tls.folder + "/.pg_service.conf", "PGSYSCONFDIR": tls.folder, "PGHOST": "192.0.2.1",
            "PGHOSTADDR": "192.0.2.1", "PGPORT": "1", "PGUSER": "other", "PGDATABASE": "other", "PGPASSWORD": "wrong",
            "PGSSLMODE": "disable", "PGSSLCERT": folder + "/postgresql.crt", "PGSSLCRL": folder + "/root.crl",
            "PGSSLROOTCERT": folder + "/root.crt", "PGCONNECT_TIMEOUT": "nonsense", "PGTZ": "nonsense",
            "PGDATESTYLE": "nonsense", "PGTARGETSESSIONATTRS": "standby", "PGCLIENTENCODING": "LATIN1",
        ]
        let settings = tls.settings().merging(variables) { $1 }
        let issued = try await tls.home.world.run(Checkout.program("admin"), words("keys issue ada"), settings)
        #expect(issued.isSuccess, "\(issued.errors)")
        let checked = try await tls.home.world.run(Checkout.program("vending-server"), ["check"], settings)
        #expect(checked.isSuccess, "\(checked.output)")
    }

    @Test func `a standby in the writer's place is named, and a connection that is taken away`() async throws {
        let home = try await PostgresHome()
        try await home.onboardAda()
        let standby = try await home.cluster.startStandby()
        let settings = ["BURSAR_ISSUER": "simulated", "BURSAR_DATABASE": standby.address(database: home.database)]
        try await Self.expectRefusal(home.world, settings, "the server is a standby", "name the primary")
        try await home.cluster.sql(
            "ALTER ROLE bursar_server CONNECTION LIMIT 0; ALTER ROLE bursar_admin CONNECTION LIMIT 0"
        )
        try await Self.expectRefusal(
            home.world,
            home.settings,
            "the server has no connection left",
            "BURSAR_DATABASE_CONNECTIONS"
        )
    }

    @Test func `a newer and an older database, and one that was altered, are named`() async throws {
        let home = try await PostgresHome()
        try await home.onboardAda()
        func refuse(_ sql: String, _ problem: String, _ hint: String, undoing: String) async throws {
            try await home.cluster.sql(sql, database: home.database)
            try await Self.expectRefusal(home.world, home.settings, problem, hint)
            try await home.cluster.sql(undoing, database: home.database)
        }
        try await refuse(
            "INSERT INTO bursar.schema_versions VALUES (99, 'a later one', 98, 0)",
            "was made by a newer version of Bursar",
            "install that version here too",
            undoing: "DELETE FROM bursar.schema_versions WHERE version = 99"
        )
        try await refuse(
            "UPDATE bursar.schema_versions SET version = -version WHERE version > 1",
            "was made by an older version of Bursar",
            "servers go on meanwhile",
            undoing: "UPDATE bursar.schema_versions SET version = -version WHERE version < 0"
        )
        try await refuse(
            "ALTER TABLE bursar.keys DISABLE TRIGGER keys_keep",
            "trigger keys_keep of keys was altered",
            "restore the server's snapshot",
            undoing: "ALTER TABLE bursar.keys ENABLE TRIGGER keys_keep"
        )
        try await succeeded(home.admin("keys list"))
    }

    @Test func `a server without fsync is refused`() async throws {
        let home = try await PostgresHome(settings: ["fsync": "off"])
        let settings = home.settings(as: PostgresCluster.superuser)
        try await Self.expectRefusal(home.world, settings, "fsync = off", "set fsync = on")
        let made = try await home.world.run(Checkout.program("admin"), ["database", "init"], settings)
        #expect(made.exitCode == 1)
        let schemas = "SELECT count(*) FROM pg_namespace WHERE nspname = 'bursar'"
        #expect(try await home.cluster.sql(schemas, database: home.database) == "0")
    }

    @Test(arguments: [
        ("int nothing;", "libpq is not installed"),
        ("int PQlibVersion(void) { return 130000; }", "libpq is older than that of PostgreSQL 14"),
    ])
    func `without libpq the package is named, and a database in a file needs none`(
        _ source: String,
        _ problem: String
    ) async throws {
        let world = try World()
        let file = world.home + "/libpq.c"
        try Data(source.utf8).write(to: URL(filePath: file))
        let library = ["-shared", "-fPIC", "-Wl,-soname,libpq.so.5", "-o", world.home + "/libpq.so.5", file]
        try await succeeded(world.run("/usr/bin/env", ["clang"] + library, ["PATH": Self.toolPath]))
        let without = ["LD_LIBRARY_PATH": world.home, "BURSAR_ISSUER": "simulated"]
        let settings = without.merging(["BURSAR_DATABASE": "postgres://a@localhost/b"]) { $1 }
        try await Self.expectRefusal(world, settings, problem, "install libpq5 (Debian")
        try await succeeded(world.run(Checkout.program("admin"), ["database", "init"], without))
    }

    private static let toolPath = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"

    @Test(.enabled { await hasNetworks() })
    func `a host that drops every packet is given up in time`() async throws {
        let world = try World()
        let script = """
            ip link add ends type veth peer name nowhere && ip addr add 10.9.0.1/24 dev ends && ip link set ends up \\
                && ip link set nowhere up && ip neigh add 10.9.0.2 lladdr 02:00:00:00:00:02 dev ends && exec "$0" "$@"
            """
        let address = "postgres://a@10.9.0.2/b?sslmode=verify-full&sslrootcert=/etc/ssl/none.pem"
        let program = Checkout.program("vending-server")
        let settings = ["BURSAR_DATABASE": address, "BURSAR_ISSUER": "simulated", "PATH": "/usr/sbin:/usr/bin:/bin"]
        let served = Program(
            "/usr/bin/unshare",
            environment: world.environment.merging(settings) { $1 },
            limit: .seconds(60)
        )
        let outcome = try await served.run(["--net", "/bin/sh", "-c", script, program, "serve"])
        #expect(outcome.exitCode == 1)
        // Whichever is first: the program's own limit, or that of the system for a connection without an answer.
        let isInTime = ["took too long to answer", "Connection timed out"].contains { outcome.errors.contains($0) }
        #expect(isInTime && outcome.errors.contains("10.9.0.2"), "\(outcome.errors)")
    }

    /// True if this user may make networks: they take root's rights.
    private static func hasNetworks() async -> Bool {
        let arguments = ["--net", "/bin/sh", "-c", "ip link add ends type veth peer name nowhere"]
        let outcome = try? await Program("/usr/bin/unshare", environment: ["PATH": "/usr/sbin:/usr/bin:/bin"])
            .run(arguments)
        return outcome?.isSuccess ?? false
    }
}

/// Tokens of RDS, as a real PostgreSQL server passes them on to one that compares them with botocore's.
@Suite struct DatabaseTokenTests {
    @Test func `each connection has a token that botocore would make`() async throws {
        let home = try await PostgresHome()
        try await home.onboardAda()
        let issued = try await home.issueKey()
        let credentials = [
            "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secretsecretsecret",
            "AWS_SESSION_TOKEN": "IQoJb3JpZ2luX2VjE//+abc==",
        ]
        let peer = Checkout.root + "Tests/EndToEndTests/Peers/ldap.py"
        let arguments = [peer, "bursar_server", "localhost", "\(home.cluster.port)", "eu-central-1"]
        let environment = home.world.environment.merging(credentials) { $1 }
        try await ChildServer.run(
            .path(FilePath(Checkout.peer("python"))),
            arguments,
            environment: World.replacing(environment)
        ) { ldap in
            let rule = "host all all 127.0.0.1/32 ldap ldapserver=127.0.0.1 ldapport=\(ldap.port) ldapprefix=\"\""
            let rules = "local all all trust\n\(rule) ldapsuffix=\"\"\n"
            try Data(rules.utf8).write(to: URL(filePath: home.cluster.folder + "/data/pg_hba.conf"))
            PostgresCluster.giveAway(home.cluster.folder + "/data/pg_hba.conf")
            try await home.cluster.sql("SELECT pg_reload_conf()")
            let settings = credentials.merging([
                "BURSAR_ISSUER": "simulated", "BURSAR_DATABASE_AUTH": "iam", "BURSAR_REGION": "eu-central-1",
                "BURSAR_DATABASE": "postgres://bursar_server@localhost:\(home.cluster.port)/\(home.database)",
            ]) { $1 }
            try await home.world.serve(settings) { server in
                let answer = try await home.world.get(server.url + "/credentials", key: issued.text)
                #expect(answer.status == 200)
            }
            let other = settings.merging(["BURSAR_REGION": "eu-west-1"]) { $1 }
            let refused = try await home.world.run(Checkout.program("vending-server"), ["serve"], other)
            #expect(refused.exitCode == 1)
            #expect(refused.errors.contains("LDAP authentication failed"), "\(refused.errors)")
            let without = settings.filter { !$0.key.hasPrefix("AWS_") }
            let empty = try await home.world.run(Checkout.program("vending-server"), ["serve"], without)
            #expect(empty.exitCode == 1)
            #expect(empty.errors.contains("token"), "\(empty.errors)")
            ldap.stop()
            var lines: [String] = []
            for await line in ldap.lines { lines.append(line) }
            #expect(lines.contains("token right"), "\(lines)")
        }
    }
}
