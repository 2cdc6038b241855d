import Storage
import TestSupport
import Testing

@testable import PostgresStore

/// The rights of the login that every server has, which a thief of the server's password has too.
struct ServerRightsTests {
    /// A database with a revoked key, a disabled researcher, a pause and two records, which all the attempts share.
    private static let victim = Task {
        let store = try await SchemaDatabase()
        let error = await store.write(
            SchemaDatabase.researcher,
            SchemaDatabase.key,
            "UPDATE keys SET revoked_at = 5",
            "UPDATE researchers SET disabled_at = 5",
            "UPDATE revision SET paused_at = 5",
            SchemaDatabase.records(1, 2),
            "INSERT INTO usage_daily (day, key_id, outcome, count, last_at) VALUES (0, 'aaaaaaaaaaaa', 'vended', 7, 0)",
            as: PostgresRoles.admin
        )
        if let error { throw error }
        return store.database
    }

    /// Runs statements as the thief does, in psql, and returns the first error's message.
    private static func attempt(_ sql: String) async throws -> String? {
        let database = try await victim.value
        do {
            let script = "SET search_path = bursar, pg_catalog; \(sql)"
            _ = try await database.cluster.sql(script, database: database.name, user: PostgresRoles.server)
            return nil
        } catch let error as PostgresCluster.StartError {
            return error.reason
        }
    }

    /// All that Bursar's promises rest on, as text.
    private static func state() async throws -> String {
        try await victim.value.sql(
            """
            SELECT string_agg(line, E'\\n' ORDER BY line) FROM (
                SELECT keys::text AS line FROM bursar.keys UNION ALL SELECT researchers::text FROM bursar.researchers
                UNION ALL SELECT revision::text FROM bursar.revision UNION ALL SELECT pruned::text FROM bursar.pruned
                UNION ALL SELECT key_projects::text FROM bursar.key_projects
                UNION ALL SELECT researcher_projects::text FROM bursar.researcher_projects
                UNION ALL SELECT usage_splits::text FROM bursar.usage_splits
                UNION ALL SELECT writer::text FROM bursar.writer UNION ALL SELECT records::text FROM bursar.records
            ) AS lines
            """
        )
    }

    private static let record =
        "INSERT INTO records (sequence, kind, occurred_at, hash, actor) VALUES (3, %, decode(repeat('00', 32), 'hex'), ^)"

    private static let call =
        "BEGIN; INSERT INTO spend_calls VALUES (490000, decode(repeat('00', 16), 'hex')); "

    private static func record(_ kind: String, actor: String = "NULL") -> String {
        record.replacing("%", with: "'\(kind)', 0").replacing("^", with: actor)
    }

    static let refused: [(String, String)] = [
        // Keys and researchers.
        ("UPDATE keys SET revoked_at = NULL", "permission denied for table keys"),
        ("UPDATE keys SET expires_at = 9007199254740992", "permission denied for table keys"),
        ("UPDATE keys SET daily_limit = NULL, allowed = NULL, models = NULL", "permission denied for table keys"),
        (SchemaDatabase.key.replacing("aaaaaaaaaaaa", with: "bbbbbbbbbbbb"), "permission denied for table keys"),
        ("DELETE FROM keys", "permission denied for table keys"),
        ("UPDATE researchers SET disabled_at = NULL", "permission denied for table researchers"),
        (SchemaDatabase.researcher.replacing("'ada'", with: "'eve'"), "permission denied for table researchers"),
        (
            "MERGE INTO keys USING (SELECT 1) AS one ON true WHEN MATCHED THEN DELETE",
            "permission denied for table keys"
        ),
        // Projects, and what was counted for each.
        ("UPDATE keys SET project = 'p'", "permission denied for table keys"),
        ("INSERT INTO key_projects VALUES ('aaaaaaaaaaaa', 5, 'p')", "permission denied for table key_projects"),
        ("UPDATE researcher_projects SET project = 'p'", "permission denied for table researcher_projects"),
        (
            "INSERT INTO usage_splits VALUES ('aaaaaaaaaaaa', 0, 'vended', 1, 0)",
            "permission denied for table usage_splits"
        ),
        // The pause, and what servers follow.
        ("UPDATE revision SET paused_at = NULL", "permission denied for table revision"),
        ("UPDATE revision SET value = 1", "permission denied for table revision"),
        ("UPDATE writer SET \"only\" = 1", "the row that writers lock stays as it is"),
        ("DELETE FROM writer", "permission denied for table writer"),
        // The chain.
        ("UPDATE records SET detail = 'x'", "permission denied for table records"),
        ("DELETE FROM records", "permission denied for table records"),
        ("TRUNCATE records", "permission denied for table records"),
        ("UPDATE pruned SET sequence = 2", "permission denied for table pruned"),
        ("INSERT INTO pruned VALUES (2, 2, decode(repeat('00', 32), 'hex'))", "permission denied for table pruned"),
        (record("vend").replacing("(3,", with: "(9,"), "records follow one another"),
        (record("vend").replacing("(3,", with: "(2,"), "duplicate key value"),
        (record("key_issued"), "permission denied to record an operator's act"),
        (record("vend", actor: "'ada@desk'"), "permission denied to record an operator's act"),
        (record("records_pruned", actor: "'bursar_server@desk'"), "permission denied to record an operator's act"),
        // Spend: a call stays counted, and prices are operators'.
        (call + "DELETE FROM spend_calls", "a call that was counted stays known"),
        (call + "UPDATE spend_calls SET hour = 0", "permission denied for table spend_calls"),
        (
            "INSERT INTO spend_totals VALUES ('duplicates', 5); UPDATE spend_totals SET value = 1",
            "totals of spend only grow"
        ),
        ("DELETE FROM spend_daily", "permission denied for table spend_daily"),
        ("DELETE FROM spend_quarantine", "permission denied for table spend_quarantine"),
        ("INSERT INTO spend_aliases VALUES ('m', 'cheap', 0, 'x')", "permission denied for table spend_aliases"),
        (
            "INSERT INTO spend_prices VALUES (1, 'operator', 'm', 'r', 'regional', 'input', 0, 0, 0, 'x')",
            "permission denied for table spend_prices"
        ),
        // Columns and tables that a server has no need to read.
        ("SELECT name, email FROM researchers", "permission denied for table researchers"),
        ("SELECT * FROM researchers", "permission denied for table researchers"),
        ("SELECT address, access_key_id FROM records", "permission denied for table records"),
        ("SELECT records FROM records", "permission denied for table records"),
        ("COPY researchers TO STDOUT", "permission denied for table researchers"),
        ("SELECT rolpassword FROM pg_authid", "permission denied for table pg_authid"),
        ("SELECT * FROM pg_statistic", "permission denied for table pg_statistic"),
        // The schema, and what it would take to change it.
        ("ALTER TABLE records DISABLE TRIGGER ALL", "must be owner of table records"),
        ("DROP TRIGGER keys_keep ON keys", "must be owner of relation keys"),
        ("CREATE TRIGGER hide BEFORE INSERT ON records FOR EACH ROW EXECUTE FUNCTION refuse('')", "permission denied"),
        ("CREATE RULE hide AS ON INSERT TO records DO INSTEAD NOTHING", "must be owner of"),
        (
            "CREATE OR REPLACE FUNCTION records_follow() RETURNS trigger LANGUAGE sql AS ''",
            "permission denied for schema"
        ),
        ("CREATE TABLE bursar.more (a int)", "permission denied for schema bursar"),
        (
            "CREATE FUNCTION bursar.max(bigint) RETURNS bigint LANGUAGE sql AS 'SELECT 1'",
            "permission denied for schema"
        ),
        ("SELECT refuse()", "permission denied for function refuse"),
        ("DROP SCHEMA bursar CASCADE", "must be owner of schema bursar"),
        ("ALTER SCHEMA bursar OWNER TO bursar_server", "must be owner of schema bursar"),
        ("ALTER DEFAULT PRIVILEGES FOR ROLE bursar_owner GRANT ALL ON TABLES TO bursar_server", "must be member"),
        ("REASSIGN OWNED BY bursar_owner TO bursar_server", "permission denied to reassign objects"),
        ("DROP OWNED BY bursar_admin", "permission denied to drop objects"),
        ("SET session_replication_role = replica", "permission denied to set parameter"),
        // Other users.
        ("SET ROLE bursar_owner", "permission denied to set role"),
        ("SET ROLE bursar_admin", "permission denied to set role"),
        ("SET SESSION AUTHORIZATION bursar_admin", "permission denied to set session authorization"),
        ("GRANT bursar_admin TO bursar_server", "must have admin option"),
        ("CREATE ROLE thief LOGIN IN ROLE bursar_admin", "permission denied to create role"),
        ("ALTER ROLE bursar_admin PASSWORD 'x'", "permission denied"),
        ("ALTER ROLE bursar_server SUPERUSER", "must be superuser"),
        // The machine.
        ("COPY (SELECT 1) TO PROGRAM 'id > /tmp/x'", "to COPY to or from an external program"),
        ("COPY (SELECT 1) TO '/tmp/x'", "to COPY to a file"),
        ("SELECT pg_read_file('/etc/passwd')", "permission denied for function pg_read_file"),
        ("SELECT lo_import('/etc/passwd')", "permission denied for function lo_import"),
        ("CREATE EXTENSION dblink", "permission denied to create extension"),
        ("CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE c AS '/tmp/x'", "permission denied for language c"),
        ("ALTER SYSTEM SET fsync = off", "permission denied"),
        ("SELECT pg_reload_conf()", "permission denied for function pg_reload_conf"),
        ("SELECT pg_switch_wal()", "permission denied for function pg_switch_wal"),
        // A lock of what only operators write.
        ("BEGIN; LOCK TABLE keys IN ACCESS EXCLUSIVE MODE", "permission denied for table keys"),
        ("BEGIN; LOCK TABLE revision IN ACCESS EXCLUSIVE MODE", "permission denied for table revision"),
        ("BEGIN; SELECT FROM writer FOR UPDATE; PREPARE TRANSACTION 'for ever'", "prepared transactions are disabled"),
        // Names of the thief's own in the place of those that the owner's functions mean.
        (ownTables, "records follow one another"), (ownFunctions, "permission denied to record an operator's act"),
    ]

    private static let ownTables = """
        CREATE TEMP TABLE pruned AS SELECT 8::bigint AS sequence; CREATE TEMP TABLE records (sequence bigint);
        SET search_path = pg_temp, bursar; INSERT INTO bursar.records (sequence, kind, occurred_at, hash)
        VALUES (9, 'vend', 0, decode(repeat('00', 32), 'hex'))
        """
    private static let ownFunctions = """
        CREATE FUNCTION pg_temp.pg_has_role(name, text, text) RETURNS bool LANGUAGE sql AS 'SELECT true';
        CREATE FUNCTION pg_temp.pg_has_role(name, name, text) RETURNS bool LANGUAGE sql AS 'SELECT true';
        SET search_path = pg_temp, bursar; \(record("key_issued"))
        """

    @Test(arguments: refused)
    func `a thief of the server's password is refused`(_ sql: String, _ message: String) async throws {
        let before = try await Self.state()
        let found = try await Self.attempt(sql)
        #expect(found?.contains(message) == true, "\(found ?? "done")")
        #expect(try await Self.state() == before)
    }

    /// The threat model says of each of these that it is possible, and what shows it or ends it.
    @Test(arguments: [
        // It reads the hashes of keys, of 256 random bits each, and who has access.
        "SELECT hash FROM keys; SELECT handle, project FROM researchers; SELECT * FROM usage_networks",
        // It appends a vend that was none, even with a false hash: `audit verify` names the record.
        "BEGIN; \(record("vend")); ROLLBACK",
        // It counts wrong: `database check` names the count.
        "BEGIN; UPDATE usage_daily SET count = 1; ROLLBACK",
        // It makes up calls, and what calls cost: `database check` names sums that differ from the calls.
        "\(call) UPDATE spend_daily SET input = 0; ROLLBACK",
        // It stops all writers for as long as it is connected.
        "SET idle_in_transaction_session_timeout = 0; BEGIN; SELECT FROM writer FOR UPDATE; ROLLBACK",
        "BEGIN; LOCK TABLE usage_daily IN ACCESS EXCLUSIVE MODE; ROLLBACK",
        // It announces servers that aren't there, and forgets others.
        "BEGIN; DELETE FROM servers; INSERT INTO servers VALUES ('x', 'x', 'x', 0, 0); ROLLBACK",
        // It changes its own login, and fills the disk.
        "BEGIN; ALTER ROLE bursar_server PASSWORD 'x'; ROLLBACK", "CREATE TEMP TABLE filler AS SELECT 1 AS a",
    ])
    func `a thief of the server's password can do what the threat model says`(_ sql: String) async throws {
        let before = try await Self.state()
        #expect(try await Self.attempt(sql) == nil)
        #expect(try await Self.state() == before)
    }

    /// A right that is added later has to be added here, and to the threat model.
    @Test func `the server's role has exactly these rights, and the public none`() async throws {
        let database = try await Self.victim.value
        // It may give away what it has, which is nothing.
        #expect(try await Self.attempt("GRANT UPDATE ON keys TO bursar_server; GRANT SELECT ON keys TO PUBLIC") == nil)
        #expect(try await Self.rights(of: "'bursar_server'::regrole", in: database) == Self.expected)
        #expect(try await Self.rights(of: "0", in: database) == "")
        let role = """
            SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls, rolcanlogin,
                (SELECT count(*) FROM pg_auth_members WHERE member = oid)
            FROM pg_roles WHERE rolname = 'bursar_server'
            """
        #expect(try await database.sql(role) == "f|f|f|f|f|t|0")
        let functions = "SELECT count(*) FROM pg_proc WHERE pronamespace = 'bursar'::regnamespace"
        let fixed = " AND prosecdef AND proconfig::text = '{\"search_path=bursar, pg_catalog, pg_temp\"}'"
        let (all, closed) = (try await database.sql(functions), try await database.sql(functions + fixed))
        #expect(all == closed)
    }

    private static func rights(of grantee: String, in database: TestDatabase) async throws -> String {
        try await database.sql(
            """
            SELECT coalesce(string_agg(line, E'\\n' ORDER BY line COLLATE "C"), '') FROM (
                SELECT relname || ' ' || string_agg(privilege_type, ' ' ORDER BY privilege_type) AS line
                FROM pg_class, aclexplode(relacl)
                WHERE relnamespace = 'bursar'::regnamespace AND grantee = \(grantee) GROUP BY relname
                UNION ALL SELECT relname || '(' || string_agg(attname, ' ' ORDER BY attnum) || ') ' || privilege_type
                FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid, aclexplode(attacl)
                WHERE relnamespace = 'bursar'::regnamespace AND grantee = \(grantee) GROUP BY relname, privilege_type
                UNION ALL SELECT 'function ' || proname FROM pg_proc, aclexplode(coalesce(proacl, acldefault('f', proowner)))
                WHERE pronamespace = 'bursar'::regnamespace AND grantee = \(grantee)
                UNION ALL SELECT 'schema ' || nspname || ' ' || privilege_type FROM pg_namespace, aclexplode(nspacl)
                WHERE nspname = 'bursar' AND grantee = \(grantee)
            ) AS lines
            """
        )
    }

    private static let expected = """
        key_projects SELECT
        keys SELECT
        probe SELECT UPDATE
        pruned SELECT
        records INSERT
        records(sequence kind occurred_at researcher key_id hash detail) SELECT
        researcher_projects SELECT
        researchers(handle folded project created_at ends_at disabled_at sessions_valid_from purpose) SELECT
        revision SELECT
        schema bursar USAGE
        schema_versions SELECT
        servers DELETE INSERT SELECT UPDATE
        spend_aliases SELECT
        spend_calls DELETE INSERT SELECT
        spend_daily INSERT SELECT UPDATE
        spend_days INSERT SELECT UPDATE
        spend_lease INSERT SELECT UPDATE
        spend_meters INSERT SELECT
        spend_monthly INSERT SELECT UPDATE
        spend_owners INSERT SELECT
        spend_prices SELECT
        spend_quarantine INSERT SELECT
        spend_regions INSERT SELECT UPDATE
        spend_totals INSERT SELECT UPDATE
        usage_daily INSERT SELECT UPDATE
        usage_keys INSERT SELECT UPDATE
        usage_monthly INSERT SELECT UPDATE
        usage_network_splits SELECT
        usage_networks INSERT SELECT UPDATE
        usage_networks_monthly INSERT SELECT UPDATE
        usage_splits SELECT
        usage_totals INSERT SELECT UPDATE
        writer SELECT UPDATE
        """
}
