import Dispatch
import Storage
import Synchronization

/// The schema `bursar` as migrations, which are appended and never edited.
///
/// Each is additive, so that servers can be upgraded one by one: a program goes on with a newer schema that says so.
enum PostgresSchema {
    /// One version of the schema.
    struct Version: Sendable {
        let name: String
        let sql: [String]
        /// The newest version that the oldest program which can still work with it has.
        let oldestProgram: Int
    }

    static let versions = [
        Version(
            name: "1: what SQLite's fourth schema holds",
            sql: PostgresSchema1.sql + PostgresRoles.rights,
            oldestProgram: 1
        ),
        Version(
            name: "2: what a server's login reads, and who records an operator's act",
            sql: PostgresSchema2.sql,
            oldestProgram: 1
        ),
        Version(
            name: "3: projects of keys, with their history",
            sql: PostgresSchema3.sql,
            oldestProgram: 1
        ),
        Version(
            name: "4: what calls cost",
            sql: PostgresSchema4.sql,
            oldestProgram: 1
        ),
    ]

    /// The state of a database, as far as it decides if this program can use it.
    enum State: Equatable {
        /// It has no schema `bursar`.
        case empty
        /// It has a schema of that name that isn't Bursar's.
        case foreign
        case version(Int, oldestProgram: Int)
    }

    static func state(of connection: PostgresConnection) throws -> State {
        let tables = """
            SELECT count(*) AS count, count(*) FILTER (WHERE relname = 'schema_versions') AS known
            FROM pg_catalog.pg_namespace LEFT JOIN pg_catalog.pg_class ON relnamespace = pg_namespace.oid
            WHERE nspname = 'bursar'
            """
        guard let row = try connection.run([PostgresStatement(tables)]).first?[0], row.integer(0) != 0 else {
            return .empty
        }
        guard row.integer(1) != 0 else { return .foreign }
        let newest = "SELECT version, oldest_program FROM schema_versions ORDER BY version DESC LIMIT 1"
        guard let result = try connection.run([PostgresStatement(newest)]).first, result.rowCount == 1,
            let version = result[0].integer(0), let oldest = result[0].integer(1)
        else { return .foreign }
        return .version(Int(version), oldestProgram: Int(oldest))
    }

    /// Checks that this program can work with the database.
    ///
    /// - Throws: ``StoreError``.
    static func checkVersion(_ connection: PostgresConnection, name: String) throws {
        switch try state(of: connection) {
        case .empty: throw StoreError.missing(path: name)
        case .foreign: throw StoreError.notOurs(path: name)
        case .version(let version, _) where version < versions.count: throw StoreError.older(path: name)
        case .version(_, let oldestProgram) where oldestProgram > versions.count: throw StoreError.newer(path: name)
        case .version: return
        }
    }

    /// Makes the roles, the schema and its tables in an empty database, all of it or nothing; `newest` is the last version
    /// that is made.
    static func create(_ connection: PostgresConnection, upTo newest: Int = versions.count) throws {
        let folder = [
            "GRANT CREATE ON DATABASE \(quoted(try database(connection))) TO \(PostgresRoles.owner)",
            "SET LOCAL ROLE \(PostgresRoles.owner)",
            "CREATE SCHEMA bursar",
            """
            CREATE TABLE schema_versions (
                version bigint NOT NULL PRIMARY KEY,
                name text COLLATE "C" NOT NULL,
                oldest_program bigint NOT NULL,
                applied_at bigint NOT NULL
            )
            """,
        ]
        let begin = PostgresStatement("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
        _ = try connection.transaction {
            let steps = PostgresRoles.creation + folder
            try connection.run([begin] + steps.map { PostgresStatement($0) } + statements(of: 0..<newest))
        }
    }

    /// Applies those of `versions` after `version`, each in a transaction.
    ///
    /// A step that finds a table in use gives up at once and tries again: while it waited, all others would wait behind
    /// it.
    static func migrate(
        _ connection: PostgresConnection,
        from version: Int,
        through versions: [Version] = versions
    ) throws {
        for step in version..<versions.count {
            for attempt in 1... {
                do {
                    let begin = [
                        "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", "SET LOCAL lock_timeout = '100ms'",
                        "SET LOCAL ROLE \(PostgresRoles.owner)",
                    ]
                    _ = try connection.transaction {
                        try connection.run(
                            begin.map { PostgresStatement($0) } + statements(of: step..<step + 1, versions)
                        )
                    }
                    break
                } catch PostgresError.locked where attempt < attempts {
                    pause(.milliseconds(.random(in: 50...150)))
                }
            }
        }
    }

    private static let attempts = 100

    private static func pause(_ duration: Duration) {
        _ = DispatchSemaphore(value: 0).wait(timeout: .now() + .milliseconds(Int(duration / .milliseconds(1))))
    }

    private static func statements(of steps: Range<Int>, _ versions: [Version] = versions) -> [PostgresStatement] {
        steps.flatMap { step in
            versions[step].sql.map { PostgresStatement($0) } + [
                PostgresStatement(
                    """
                    INSERT INTO schema_versions (version, name, oldest_program, applied_at)
                    VALUES (?, ?, ?, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)
                    """,
                    [
                        .integer(Int64(step + 1)), .text(versions[step].name),
                        .integer(Int64(versions[step].oldestProgram)),
                    ]
                )
            ]
        }
    }

    private static func database(_ connection: PostgresConnection) throws -> String {
        guard
            case .text(let name) = try connection.run([PostgresStatement("SELECT current_database() AS name")])
                .first?[0].value(0)
        else { return "" }
        return name
    }

    private static func quoted(_ name: String) -> String {
        "\"" + name.replacing("\"", with: "\"\"") + "\""
    }
}

/// Checks of the schema, which are spaced out: each reads the whole catalog of Bursar's tables.
final class PostgresSchemaPoller: Sendable {
    private static let interval = Duration.seconds(10)

    private let name: String
    private let next = Mutex<ContinuousClock.Instant?>(nil)

    init(name: String) {
        self.name = name
    }

    /// Checks the schema, if that is due; a newer one isn't known to this program.
    ///
    /// - Throws: ``StoreError/altered(path:change:)``.
    func check(_ connection: PostgresConnection) throws {
        let now = ContinuousClock.now
        guard next.withLock({ $0.map { $0 <= now } ?? true }) else { return }
        guard case .version(PostgresSchema.versions.count, _) = try PostgresSchema.state(of: connection) else {
            try PostgresSchema.checkVersion(connection, name: name)
            return next.withLock { $0 = now + Self.interval }
        }
        if let change = try StoredPostgresSchema(connection).difference {
            throw StoreError.altered(path: name, change: change)
        }
        next.withLock { $0 = now + Self.interval }
    }
}
