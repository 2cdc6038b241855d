#if canImport(Glibc)
import BursarFoundation
import BursarModel
import Glibc
import Subprocess
import Storage
import TestSupport
import Testing

@testable import PostgresStore

/// Settings outside of Bursar's, none of which a connection obeys.
struct SurroundingsTests {
    @Test func `every option of libpq that has an environment variable is given`() throws {
        let library = try PostgresLibrary.load()
        let open = PostgresLibrary.keywords(library).filter { $0.variable != nil && $0.name != "service" }.map(\.name)
        #expect(open.count > 20)
        #expect(Set(open).subtracting(ConnectionOptions.names) == [])
    }

    @Test func `a value with quotes and backslashes stays one value, and the password isn't printed`() throws {
        let address = try PostgresAddress(parsing: "postgres://a'%5C@localhost/b%20options='-c%20x=y'")
        let options = ConnectionOptions(
            address,
            hostAddress: "127.0.0.1",
            password: Secret("geheim"),
            limits: .testing,
            name: "test"
        )
        let text = options.text(for: ["user", "dbname"].map { PostgresLibrary.Keyword(name: $0, variable: nil) })
        #expect(text.reveal() == #"dbname='b options=\'-c x=y\'' user='a\'\\'"#)
        #expect("\(text)" == "<redacted>")
    }

    @Test func `a role's own settings don't apply`() async throws {
        let database = try await TestDatabase()
        let role = "odd_\(database.name)"
        try await database.sql(
            """
            CREATE ROLE \(role) LOGIN;
            ALTER ROLE \(role) SET search_path = public;
            ALTER ROLE \(role) SET synchronous_commit = off;
            ALTER ROLE \(role) SET default_transaction_isolation = 'serializable';
            ALTER ROLE \(role) SET TimeZone = 'Asia/Tokyo';
            ALTER ROLE \(role) SET client_encoding = 'LATIN1';
            ALTER ROLE \(role) SET statement_timeout = 60000;
            """
        )
        let values = try await blocking {
            let connection = try database.connect(user: role)
            return try [
                "search_path", "synchronous_commit", "default_transaction_isolation", "TimeZone", "client_encoding",
                "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "application_name",
            ].map { try connection.value("SELECT current_setting(?) AS value", [.text($0)]) }
        }
        #expect(
            values == [
                .text("bursar, pg_catalog, pg_temp"), .text("on"), .text("read committed"), .text("UTC"), .text("UTF8"),
                .text("10min"), .text("15s"), .text("30s"), .text("bursar"),
            ]
        )
    }

    @Test func `libpq's environment variables change nothing`() async throws {
        let address = try await PostgresCluster.shared().address(database: "postgres")
        await #expect(processExitsWith: .success) { [address = address as String] in
            let variables = [
                "PGOPTIONS": "-c work_mem=123kB", "PGSERVICE": "nowhere", "PGHOST": "192.0.2.1", "PGPORT": "1",
                "PGHOSTADDR": "192.0.2.1", "PGUSER": "other", "PGDATABASE": "other", "PGPASSFILE": "/etc/passwd",
                "PGSSLMODE": "verify-full", "PGSSLROOTCERT": "/nowhere", "PGCLIENTENCODING": "LATIN1",
                "PGTZ": "Nowhere/Nowhere", "PGDATESTYLE": "nonsense", "PGGEQO": "nonsense", "PGAPPNAME": "other",
                "PGTARGETSESSIONATTRS": "standby", "PGREQUIREPEER": "other", "PGGSSENCMODE": "require",
                "PGCHANNELBINDING": "require", "PGCONNECT_TIMEOUT": "nonsense",
            ]
            for (name, value) in variables { setenv(name, value, 1) }
            expectUndisturbed(address)
        }
    }

    @Test func `a password in the home folder is not sent`() async throws {
        let access = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256"
        let cluster = try await PostgresCluster.start(settings: ["fsync": "off"], access: access)
        try await cluster.sql("CREATE ROLE ada LOGIN PASSWORD 'right'")
        let home = FileManager.default.temporaryDirectory.appending(path: "home-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: home) }
        let file = home.appending(path: ".pgpass").path
        try Data("*:*:*:*:right\n".utf8).write(to: URL(filePath: file))
        chmod(file, 0o600)
        let address = "postgres://ada@127.0.0.1:\(cluster.port)/postgres"
        await #expect(processExitsWith: .success) { [address = address as String, home = home.path as String] in
            setenv("HOME", home, 1)
            setenv("PGPASSWORD", "right", 1)
            do {
                _ = try PostgresConnection(
                    to: try PostgresAddress(parsing: address),
                    limits: .testing,
                    allowsUnsafe: true
                )
                Issue.record("a password was sent")
            } catch PostgresError.authentication(let detail) {
                #expect(detail == "the server asks for a password, and there is none")
            } catch {
                Issue.record("another error: \(error)")
            }
        }
    }

    @Test func `without libpq the package to install is named`() async throws {
        try await withLibrary("int nothing;") { path in
            await #expect(processExitsWith: .success) { [path = path as String] in
                #expect(dlopen(path, RTLD_NOW) != nil)
                expectMissing("libpq is not installed")
            }
        }
    }

    @Test func `with a libpq that has no pipeline the package to install is named`() async throws {
        try await withLibrary("int PQlibVersion(void) { return 130000; }") { path in
            await #expect(processExitsWith: .success) { [path = path as String] in
                #expect(dlopen(path, RTLD_NOW) != nil)
                expectMissing("libpq is older than that of PostgreSQL 14")
            }
        }
    }

    /// Builds a library that passes for libpq, and removes it again.
    private func withLibrary(_ source: String, _ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "libpq-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "libpq.c").path
        let library = folder.appending(path: "libpq.so.5").path
        try Data(source.utf8).write(to: URL(filePath: file))
        let arguments: Arguments = ["-shared", "-fPIC", "-Wl,-soname,libpq.so.5", "-o", library, file]
        let built = try await Subprocess.run(.name("clang"), arguments: arguments, output: .discarded)
        try #require(built.terminationStatus.isSuccess)
        try await body(library)
    }
}

private func expectUndisturbed(_ address: String) {
    do {
        let connection = try PostgresConnection(
            to: try PostgresAddress(parsing: address),
            limits: .testing,
            allowsUnsafe: true
        )
        for (name, value) in [
            ("work_mem", "4MB"), ("TimeZone", "UTC"), ("client_encoding", "UTF8"), ("application_name", "bursar"),
        ] {
            #expect(try connection.value("SELECT current_setting(?) AS value", [.text(name)]) == .text(value))
        }
        #expect(try connection.value("SELECT current_user AS value") == .text("postgres"))
    } catch {
        Issue.record("\(error)")
    }
}

private func expectMissing(_ problem: String) {
    do {
        let address = try PostgresAddress(parsing: "postgres://a@localhost/b")
        _ = try PostgresConnection(to: address, limits: .testing)
        Issue.record("there is a connection")
    } catch PostgresError.libraryMissing(let detail) {
        #expect(detail == problem)
        #expect(PostgresError.libraryMissing(detail: detail).hint?.contains("libpq5") == true)
    } catch {
        Issue.record("another error: \(error)")
    }
}
#endif
