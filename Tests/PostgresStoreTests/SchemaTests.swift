import Storage
import TestSupport
import Testing

@testable import PostgresStore

/// A database with Bursar's schema.
struct SchemaDatabase: Sendable {
    let database: TestDatabase

    init(_ database: TestDatabase) {
        self.database = database
    }

    init() async throws {
        let database = try await TestDatabase()
        try await blocking { try PostgresSchema.create(try database.connect()) }
        self.database = database
    }

    /// Runs statements in one writer's transaction, and returns the error.
    func write(_ statements: String..., as user: String = PostgresCluster.superuser) async -> PostgresError? {
        await failure { [database] in
            let connection = try database.connect(user: user)
            try connection.write(lock: .lock) { try connection.run(statements.map { PostgresStatement($0) }) }
        }
    }

    static let researcher =
        "INSERT INTO researchers (handle, name, email, project, created_at) VALUES ('ada', 'Ada', '', '', 0)"
    static let key = """
        INSERT INTO keys (id, researcher, hash, created_at, expires_at) VALUES ('aaaaaaaaaaaa', 'ada', '$argon2id$x', 0, 9)
        """
    static func records(_ sequences: Int...) -> String {
        "INSERT INTO records (sequence, kind, occurred_at, hash) VALUES "
            + sequences.map { "(\($0), 'vend', 0, decode(repeat('00', 32), 'hex'))" }.joined(separator: ", ")
    }
}

struct SchemaTests {
    /// The message with which a trigger or a constraint refuses.
    private static func refusal(_ error: PostgresError?) -> String? {
        guard case .failed("P0001", let detail) = error else { return nil }
        return detail
    }

    @Test func `a new database has the schema that this program expects`() async throws {
        let store = try await SchemaDatabase()
        try await blocking {
            let connection = try store.database.connect()
            #expect(
                try PostgresSchema.state(of: connection) == .version(PostgresSchema.versions.count, oldestProgram: 1)
            )
            let schema = try StoredPostgresSchema(connection)
            // After a new version, ExpectedPostgresSchema.swift has these.
            #expect(schema.digest == StoredPostgresSchema.expectedDigest)
            if schema.summary != StoredPostgresSchema.expectedSummary { Issue.record("\n\(schema.summary)") }
        }
    }

    @Test func `an older database is brought to the same schema, while a program of then goes on`() async throws {
        let database = try await TestDatabase()
        try await blocking { try PostgresSchema.create(try database.connect(), upTo: 1) }
        let address = try database.address()
        let older = await storeError { _ = try PostgresDatabase(opening: address, allowsUnsafe: true) }
        #expect(older == .older(path: address.description))
        #expect(try await blocking { try PostgresDatabase.migrate(address, allowsUnsafe: true) })
        try await blocking {
            let connection = try database.connect()
            #expect(try StoredPostgresSchema(connection).difference == nil)
            // Each version names itself as one that the first program can work with.
            #expect(
                try PostgresSchema.state(of: connection) == .version(PostgresSchema.versions.count, oldestProgram: 1)
            )
        }
    }

    @Test func `a key of before has its researcher's project, and so has one that a program of before issues`()
        async throws
    {
        let database = try await TestDatabase()
        try await blocking { try PostgresSchema.create(try database.connect(), upTo: 2) }
        let store = SchemaDatabase(database)
        let other = SchemaDatabase.key.replacing("aaaaaaaaaaaa", with: "bbbbbbbbbbbb").replacing(
            ", 0, 9)",
            with: ", 4, 9)"
        )
        let ada = SchemaDatabase.researcher.replacing("'', '', 0", with: "'', 'engines', 2")
        #expect(await store.write(ada, SchemaDatabase.key) == nil)
        let before = try await database.sql("SELECT version FROM bursar.keys")
        let address = try database.address()
        #expect(try await blocking { try PostgresDatabase.migrate(address, allowsUnsafe: true) })
        #expect(await store.write(other, as: PostgresRoles.admin) == nil)
        let keys = "SELECT string_agg(concat_ws(' ', id, project), ', ' ORDER BY id) FROM bursar.keys"
        #expect(try await database.sql(keys) == "aaaaaaaaaaaa engines, bbbbbbbbbbbb engines")
        let histories = """
            SELECT string_agg(concat_ws(' ', id, since, project), ', ' ORDER BY id) FROM (
                SELECT key_id AS id, since, project FROM bursar.key_projects
                UNION ALL SELECT researcher, since, project FROM bursar.researcher_projects
            ) AS histories
            """
        #expect(
            try await database.sql(histories) == "aaaaaaaaaaaa 0 engines, ada 2 engines, bbbbbbbbbbbb 4 engines"
        )
        #expect(try await database.sql("SELECT version FROM bursar.keys WHERE id = 'aaaaaaaaaaaa'") == before)
        let move = "UPDATE researchers SET name = 'A', project = 'looms'"
        #expect(
            Self.refusal(await store.write(move, as: PostgresRoles.admin))
                == "a project changes together with its history"
        )
    }

    @Test(arguments: [
        ([researcher, key, "DELETE FROM keys"], "keys are revoked, never deleted"),
        (
            [researcher, key, "UPDATE keys SET revoked_at = 1", "UPDATE keys SET revoked_at = NULL"],
            "a revoked key stays revoked"
        ),
        ([researcher, key, "UPDATE keys SET canary = 1"], "a key is a canary from its issue on, or never"),
        (
            [researcher, "UPDATE researchers SET purpose = 'selftest'"],
            "a researcher keeps the purpose they were added for"
        ),
        ([records(2)], "records follow one another"),
        ([records(1, 3)], "records follow one another"),
        ([records(1), records(1 + 2)], "records follow one another"),
        ([records(1, 2), "UPDATE records SET detail = 'x' WHERE sequence = 1"], "records are appended, never edited"),
        (
            [records(1, 2), "DELETE FROM records WHERE sequence = 1"],
            "records are appended, and removed only once they are pruned"
        ),
        (["DELETE FROM pruned"], "what was pruned stays known"),
        ([records(1, 2), "UPDATE pruned SET sequence = 3"], "only records that are there are pruned, oldest first"),
        (
            [records(1, 2), "UPDATE pruned SET sequence = 1, hash = decode(repeat('01', 32), 'hex')"],
            "only records that are there are pruned, oldest first"
        ),
        // A copied chain may begin after its pruned records, once.
        (
            ["UPDATE pruned SET sequence = 7", "UPDATE pruned SET sequence = 9"],
            "only records that are there are pruned, oldest first"
        ),
        (["UPDATE writer SET \"only\" = 1"], "the row that writers lock stays as it is"),
        (["DELETE FROM writer"], "the row that writers lock stays as it is"),
        (["TRUNCATE records"], "records are not emptied"),
        ([researcher, key, "UPDATE keys SET project = 'p'"], "a project changes together with its history"),
        ([researcher, "UPDATE researchers SET project = 'p'"], "a project changes together with its history"),
        (
            [researcher, key, "INSERT INTO key_projects VALUES ('aaaaaaaaaaaa', 0, 'p')"],
            "a history of projects grows at its end"
        ),
        ([researcher, key, "UPDATE key_projects SET project = 'p'"], "a history of projects is never rewritten"),
        ([researcher, "DELETE FROM researcher_projects"], "a history of projects is never rewritten"),
        (
            [
                researcher, key, "INSERT INTO usage_splits VALUES ('aaaaaaaaaaaa', 0, 'vended', 1, 0)",
                "UPDATE usage_splits SET count = 2",
            ],
            "what was counted before a change stays as it was"
        ),
        (["TRUNCATE keys CASCADE"], "keys are not emptied"),
    ])
    func `what must never happen is refused`(statements: [String], message: String) async throws {
        let store = try await SchemaDatabase()
        let error = await failure {
            let connection = try store.database.connect()
            try connection.write(lock: .lock) { try connection.run(statements.map { PostgresStatement($0) }) }
        }
        #expect(Self.refusal(error) == message)
    }

    private static var researcher: String { SchemaDatabase.researcher }
    private static var key: String { SchemaDatabase.key }
    private static func records(_ sequences: Int...) -> String {
        "INSERT INTO records (sequence, kind, occurred_at, hash) VALUES "
            + sequences.map { "(\($0), 'vend', 0, decode(repeat('00', 32), 'hex'))" }.joined(separator: ", ")
    }

    @Test func `records are appended in batches, and pruned from the oldest on`() async throws {
        let store = try await SchemaDatabase()
        #expect(await store.write(SchemaDatabase.records(1, 2, 3), SchemaDatabase.records(4)) == nil)
        let prune = "UPDATE pruned SET sequence = 2, hash = (SELECT hash FROM records WHERE sequence = 2)"
        #expect(await store.write(prune, "DELETE FROM records WHERE sequence <= 2") == nil)
        #expect(await store.write(SchemaDatabase.records(5)) == nil)
        #expect(try await store.database.sql("SELECT string_agg(sequence::text, ' ') FROM bursar.records") == "3 4 5")
        let all = "UPDATE pruned SET sequence = 5, hash = (SELECT hash FROM records WHERE sequence = 5)"
        #expect(await store.write(all, "DELETE FROM records", SchemaDatabase.records(6)) == nil)
    }

    @Test func `every change of access raises the revision, and its keys carry it`() async throws {
        let store = try await SchemaDatabase()
        func state() async throws -> String {
            try await store.database.sql("SELECT value, (SELECT version FROM bursar.keys) FROM bursar.revision")
        }
        #expect(await store.write(SchemaDatabase.researcher) == nil)
        #expect(try await state() == "1|")
        #expect(await store.write(SchemaDatabase.key) == nil)
        #expect(try await state() == "2|2")
        for (number, change) in zip(
            3...,
            [
                "UPDATE keys SET expires_at = 8", "UPDATE keys SET label = 'x', rate = 5",
                "UPDATE keys SET project = project", "UPDATE researchers SET sessions_valid_from = 5",
                "UPDATE researchers SET ends_at = 7", "UPDATE keys SET revoked_at = 3",
            ]
        ) {
            #expect(await store.write(change) == nil)
            #expect(try await state() == "\(number)|\(number)")
        }
        #expect(await store.write("UPDATE revision SET paused_at = 5") == nil)
        #expect(await store.write("UPDATE researchers SET name = 'A'", "UPDATE keys SET replaced_by = id") == nil)
        #expect(try await state() == "9|8")
    }

    @Test func `a handle is taken in any case of its letters, and text is compared by its bytes`() async throws {
        let store = try await SchemaDatabase()
        let other = SchemaDatabase.researcher.replacing("'ada'", with: "'ADA'")
        guard case .failed("23505", _) = await store.write(SchemaDatabase.researcher, other) else {
            Issue.record("two researchers have one handle")
            return
        }
        for handle in ["Zoe", "ada", "Bo", "z-1", "z1"] {
            #expect(await store.write(SchemaDatabase.researcher.replacing("'ada'", with: "'\(handle)'")) == nil)
        }
        let order = "SELECT string_agg(handle, ' ' ORDER BY handle) FROM bursar.researchers"
        #expect(try await store.database.sql(order) == "Bo Zoe ada z-1 z1")
    }

    @Test(arguments: [
        ("ALTER TABLE bursar.records DISABLE TRIGGER records_stay", "trigger records_stay of records was altered"),
        ("DROP TRIGGER keys_stay ON bursar.keys", "trigger keys_stay of keys is missing"),
        (
            "CREATE OR REPLACE FUNCTION bursar.refuse() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER"
                + " SET search_path = bursar, pg_catalog, pg_temp AS $$ BEGIN RETURN NULL; END $$",
            "function bursar.refuse() was altered"
        ),
        (
            "CREATE RULE no_records AS ON INSERT TO bursar.records DO INSTEAD NOTHING",
            "rule no_records of records was added, table records was altered"
        ),
        ("ALTER TABLE bursar.keys ENABLE ROW LEVEL SECURITY", "table keys was altered"),
        ("CREATE POLICY p ON bursar.keys USING (true)", "policy p of keys was added"),
        ("ALTER TABLE bursar.keys DROP CONSTRAINT keys_rate_check", "constraint keys_rate_check of keys is missing"),
        ("ALTER TABLE bursar.records OWNER TO postgres", "table records was altered"),
        ("GRANT UPDATE ON bursar.keys TO bursar_server", "table keys was altered"),
        ("GRANT UPDATE (revoked_at) ON bursar.keys TO PUBLIC", "column keys.revoked_at was altered"),
        ("GRANT CREATE ON SCHEMA bursar TO bursar_server", "schema bursar was altered"),
        (
            "CREATE FUNCTION bursar.lower(text) RETURNS text LANGUAGE sql AS 'SELECT $1'",
            "function bursar.lower(text) was added"
        ),
        (
            "ALTER TABLE bursar.researchers ALTER purpose SET DEFAULT 'selftest'",
            "column researchers.purpose was altered"
        ),
        ("CREATE TABLE bursar.more (a int)", "column more.a was added, table more was added"),
        ("ALTER TABLE bursar.keys DISABLE TRIGGER ALL", "trigger"),
        ("CREATE OPERATOR bursar.= (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq)", "operator"),
    ])
    func `an altered schema is described`(change: String, difference: String) async throws {
        let store = try await SchemaDatabase()
        try await store.database.sql(change)
        let found = try await blocking {
            try StoredPostgresSchema(try store.database.connect()).difference
        }
        if difference.contains(" ") {
            #expect(found == difference)
        } else {
            #expect(found?.hasPrefix(difference) == true)
        }
    }

    @Test(arguments: [
        ("UPDATE keys SET revoked_at = NULL", "permission denied for table keys"),
        (
            "INSERT INTO researchers (handle, name, email, project, created_at) VALUES ('eve', '', '', '', 0)",
            "permission denied for table researchers"
        ),
        ("DELETE FROM records", "permission denied for table records"),
        ("UPDATE revision SET paused_at = NULL", "permission denied for table revision"),
        ("UPDATE pruned SET sequence = 9", "permission denied for table pruned"),
        ("UPDATE schema_versions SET version = 9", "permission denied for table schema_versions"),
        ("DELETE FROM usage_daily", "permission denied for table usage_daily"),
        ("ALTER TABLE keys DISABLE TRIGGER ALL", "must be owner of table keys"),
        ("CREATE TABLE bursar.more (a int)", "permission denied for schema bursar"),
        ("SET ROLE bursar_owner", "permission denied to set role \"bursar_owner\""),
    ])
    func `the server's role can change no key and no record`(statement: String, message: String) async throws {
        let store = try await SchemaDatabase()
        #expect(await store.write(statement, as: PostgresRoles.server) == .notPermitted(detail: message))
    }

    @Test func `the server's role records vends, and an operator's changes keys`() async throws {
        let store = try await SchemaDatabase()
        #expect(await store.write(SchemaDatabase.researcher, SchemaDatabase.key, as: PostgresRoles.admin) == nil)
        #expect(await store.write("UPDATE keys SET revoked_at = 5", as: PostgresRoles.admin) == nil)
        #expect(
            await store.write(
                SchemaDatabase.records(1),
                "INSERT INTO usage_daily (day, key_id, outcome, count, last_at) VALUES (0, 'k', 'vended', 1, 0)",
                "UPDATE usage_daily SET count = 2",
                as: PostgresRoles.server
            ) == nil
        )
        #expect(
            await store.write("DELETE FROM records", as: PostgresRoles.admin)
                == .failed(state: "P0001", detail: "records are appended, and removed only once they are pruned")
        )
    }

    @Test func `a user who owns the database and may make roles sets it up, another is refused`() async throws {
        let database = try await TestDatabase()
        let user = "master_\(database.name)"
        try await database.sql("CREATE ROLE \(user) LOGIN CREATEROLE")
        let error = await failure { try PostgresSchema.create(try database.connect(user: user)) }
        #expect(error == .notPermitted(detail: "permission denied for database \(database.name)"))
        try await database.sql("ALTER DATABASE \(database.name) OWNER TO \(user)")
        try await blocking { try PostgresSchema.create(try database.connect(user: user)) }
        let connection = try await blocking { try database.connect(user: user) }
        #expect(try await blocking { try StoredPostgresSchema(connection).difference } == nil)
    }

    @Test func `a second set-up fails and changes nothing`() async throws {
        let store = try await SchemaDatabase()
        let error = await failure { try PostgresSchema.create(try store.database.connect()) }
        #expect(error == .failed(state: "42P06", detail: "schema \"bursar\" already exists"))
    }
}
