import BursarFiles
import BursarFoundation
import BursarModel
import SystemPackage
import TestSupport
import Testing

@testable import PostgresStore
@testable import Storage

/// A server whose TCP connections need a password, and whose log has every statement.
private struct PasswordServer {
    let cluster: PostgresCluster
    let world: PostgresWorld
    let folder: TemporaryFolder

    init() async throws {
        cluster = try await PostgresCluster.start(
            settings: ["fsync": "off", "log_statement": "all", "log_min_duration_statement": "0"],
            access: "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256"
        )
        world = try await PostgresWorld(on: cluster)
        folder = try TemporaryFolder()
    }

    func file(_ password: String, mode: Int = 0o600) throws -> FilePath {
        let path = folder.path.appending(String(UInt64.random(in: .min ... .max), radix: 36))
        try Data((password + "\n").utf8).write(to: URL(filePath: path.string))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path.string)
        return path
    }

    func open(as user: String = PostgresCluster.superuser) async throws -> PostgresDatabase {
        try await blocking { [world] in
            let address = try world.database.address(user: user)
            return try PostgresDatabase(opening: address, for: .console, allowsUnsafe: true)
        }
    }

    /// Logs in over TCP, and returns the error.
    func logIn(_ user: String, _ password: PostgresPassword) async -> StoreError? {
        await storeError { [world, cluster] in
            let text = "postgres://\(user)@127.0.0.1:\(cluster.port)/\(world.database.name)"
            let address = try PostgresAddress(parsing: text)
            _ = try PostgresDatabase(opening: address, password: password, for: .console, allowsUnsafe: true)
        }
    }
}

struct LoginsTests {
    private static let act = AuditContext(actor: "postgres@desk", date: PostgresWorld.now)

    private static func error(_ body: @escaping @Sendable () throws -> Void) async -> LoginError? {
        do {
            try await blocking(body)
            return nil
        } catch {
            return error as? LoginError
        }
    }

    private static func record(_ kind: RecordEntry.Kind, by actor: String?, in database: PostgresDatabase) async
        -> StoreError?
    {
        await storeError {
            try database.write { db in
                var chain = try Chain.current(db)
                try chain.append(RecordEntry(kind: kind, occurred: 0, actor: actor), to: db)
            }
        }
    }

    private static func isDenied(_ error: StoreError?, _ reason: String) -> Bool {
        guard case .denied(_, let cause) = error else { return false }
        return cause.hasPrefix(reason)
    }

    @Test func `a login gets in with its password, which the server never sees`() async throws {
        let server = try await PasswordServer()
        let (owner, file) = (try await server.open(), try server.file("first-Geheimnis"))
        #expect(try await blocking { try owner.setLogin("ada", as: .admin, .password(file), by: Self.act) })
        #expect(await server.logIn("ada", .file(file)) == nil)
        guard case .unusable(_, _, _, .login) = await server.logIn("ada", .file(try server.file("guess"))) else {
            Issue.record("another password was taken")
            return
        }
        let other = try server.file("second-Geheimnis")
        #expect(try await blocking { try owner.setLogin("ada", as: .admin, .password(other), by: Self.act) } == false)
        #expect(await server.logIn("ada", .file(other)) == nil)
        #expect(await server.logIn("ada", .file(file)) != nil)
        let hash = try await server.cluster.sql("SELECT rolpassword FROM pg_authid WHERE rolname = 'ada'")
        #expect(hash.hasPrefix("SCRAM-SHA-256$4096:"))
        let log = try String(contentsOfFile: server.cluster.folder + "/log", encoding: .utf8)
        #expect(log.contains("ALTER ROLE \"ada\" PASSWORD"))
        #expect(!log.contains("Geheimnis"))
        let exposed = try server.file("third", mode: 0o644)
        await #expect(throws: FileError.self) {
            try await blocking { _ = try owner.setLogin("bob", as: .admin, .password(exposed), by: Self.act) }
        }
        #expect(try await blocking { try owner.logins().map(\.name) } == ["ada", "bursar_admin", "bursar_server"])
        let changes = "SELECT string_agg(detail, ', ' ORDER BY sequence) FROM bursar.records"
        #expect(try await server.world.database.sql(changes) == "added ada (admin), changed ada (admin)")
        let limits =
            "SELECT setconfig::text FROM pg_db_role_setting JOIN pg_roles ON oid = setrole WHERE rolname = 'ada'"
        #expect(try await server.cluster.sql(limits) == "{idle_in_transaction_session_timeout=30s}")
    }

    @Test func `an operator's acts are on record under their own name, a server's login records none`() async throws {
        let server = try await PasswordServer()
        let owner = try await server.open()
        try await blocking {
            _ = try owner.setLogin("ada", as: .admin, .unchanged, by: Self.act)
            _ = try owner.setLogin("one", as: .server, .unchanged, by: Self.act)
        }
        let (ada, one) = (try await server.open(as: "ada"), try await server.open(as: "one"))
        let shared = try await server.open(as: PostgresRoles.admin)
        #expect(await Self.record(.vendingPaused, by: "ada@desk", in: ada) == nil)
        #expect(await Self.record(.vendingPaused, by: "bob@desk", in: shared) == nil)
        let others: [String?] = ["bob@desk", "ada.lovelace@desk", "adam@desk", "", nil]
        for actor in others {
            let error = await Self.record(.vendingPaused, by: actor, in: ada)
            #expect(
                Self.isDenied(error, "permission denied to record another operator's act"),
                "\(actor ?? "none"): \(String(describing: error))"
            )
        }
        #expect(await Self.record(.vend, by: nil, in: one) == nil)
        let acts: [(RecordEntry.Kind, String?)] = [
            (.vendingPaused, "one@desk"), (.keyIssued, nil), (.vend, "one@desk"),
        ]
        for (kind, actor) in acts {
            let error = await Self.record(kind, by: actor, in: one)
            #expect(Self.isDenied(error, "permission denied to record an operator's act"), "\(kind)")
        }
    }

    @Test func `a login that is removed can do nothing more, in connections that it has either`() async throws {
        let server = try await PasswordServer()
        let owner = try await server.open()
        _ = try await blocking { try owner.setLogin("ada", as: .admin, .unchanged, by: Self.act) }
        let ada = try await server.open(as: "ada")
        #expect(await Self.record(.vendingPaused, by: "ada@desk", in: ada) == nil)
        #expect(try await blocking { try owner.removeLogin("ada", by: Self.act) } == 1)
        #expect(await Self.record(.vendingPaused, by: "ada@desk", in: ada) != nil)
        #expect(await storeError { try ada.read { db in _ = try db.exists("SELECT 1 FROM keys") } } != nil)
        await #expect(throws: StoreError.self) { _ = try await server.open(as: "ada") }
        #expect(await Self.error { _ = try owner.removeLogin("ada", by: Self.act) } == .unknown("ada"))
    }

    @Test func `names with other uses are refused, and tokens where there are none`() async throws {
        let server = try await PasswordServer()
        let owner = try await server.open()
        try await server.cluster.sql(
            "CREATE ROLE other LOGIN; CREATE ROLE strong LOGIN CREATEROLE IN ROLE bursar_admin"
        )
        _ = try await blocking { try owner.setLogin("one", as: .server, .unchanged, by: Self.act) }
        for name in ["postgres", "other", "strong", "bursar_owner"] {
            let error = await Self.error { _ = try owner.setLogin(name, as: .admin, .unchanged, by: Self.act) }
            #expect(error == .taken(name))
        }
        #expect(
            await Self.error { _ = try owner.setLogin("one", as: .admin, .unchanged, by: Self.act) }
                == .otherKind("one", .server)
        )
        #expect(
            await Self.error { _ = try owner.removeLogin("bursar_server", by: Self.act) } == .shared("bursar_server")
        )
        #expect(await Self.error { _ = try owner.setLogin("two", as: .server, .iam, by: Self.act) } == .noTokens)
        #expect(try await blocking { try owner.logins().map(\.name) } == ["bursar_admin", "bursar_server", "one"])

        try await server.cluster.sql("CREATE ROLE rds_iam")
        let file = try server.file("secret")
        let found = try await blocking {
            _ = try owner.setLogin("two", as: .server, .password(file), by: Self.act)
            _ = try owner.setLogin("two", as: .server, .iam, by: Self.act)
            return try owner.logins().filter(\.isIAM).map(\.name)
        }
        #expect(found == ["two"])
        let hashes = "SELECT count(rolpassword) FROM pg_authid WHERE rolname = 'two'"
        #expect(try await server.cluster.sql(hashes) == "0")
        _ = try await blocking { try owner.setLogin("two", as: .server, .password(file), by: Self.act) }
        #expect(try await blocking { try owner.logins().contains(where: \.isIAM) } == false)
    }

    @Test func `the user who made the database makes logins, an operator's login makes none`() async throws {
        let server = try await PasswordServer()
        let database = server.world.database
        try await server.cluster.sql("CREATE ROLE maker LOGIN CREATEROLE IN ROLE bursar_owner")
        let maker = try await server.open(as: "maker")
        let act = AuditContext(actor: "maker@desk", date: PostgresWorld.now)
        #expect(try await blocking { try maker.setLogin("ada", as: .admin, .unchanged, by: act) })
        let ada = try await server.open(as: "ada")
        let refused = await storeError {
            let act = AuditContext(actor: "ada@desk", date: PostgresWorld.now)
            _ = try ada.setLogin("eve", as: .admin, .unchanged, by: act)
        }
        #expect(refused == .denied(path: ada.name, cause: "permission denied to create role (CREATE)"))
        #expect(try await database.sql("SELECT count(*) FROM bursar.records") == "1")
        #expect(try await blocking { try maker.removeLogin("ada", by: act) } == 1)
    }

    @Test(arguments: [
        ("ada", true), ("a.b-c_1", true), ("Ada", false), ("1a", false), ("", false), ("a@b", false), ("a b", false),
        ("a\"b", false), ("pg_ada", false), ("ünï", false), (String(repeating: "a", count: 64), false),
        (String(repeating: "a", count: 63), true),
    ])
    func `a login's name is plain`(name: String, isName: Bool) {
        #expect(PostgresLogin.isName(name) == isName)
    }
}
