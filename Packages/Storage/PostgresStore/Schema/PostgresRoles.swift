/// The roles of the server's and operators' logins, which are the same for all databases of a PostgreSQL cluster.
///
/// - `bursar_owner` owns the schema, and can't log in.
/// - `bursar_server` reads everything, appends records and counts; it can change no key and no researcher.
/// - `bursar_admin` changes the rows of all tables, within what the triggers allow.
enum PostgresRoles {
    static let owner = "bursar_owner"
    static let server = "bursar_server"
    static let admin = "bursar_admin"

    /// Makes the roles that aren't there, without passwords, and lets the caller act as the owner.
    ///
    /// A program that is frozen while it holds the writers' lock stops them all: the limits of its idle time hold for
    /// every login of these roles, as far as it doesn't set others.
    static let creation =
        [(owner, "NOLOGIN", nil), (server, "LOGIN", "1s"), (admin, "LOGIN", "30s")].map { name, login, idle in
            let setting = idle.map { "ALTER ROLE \(name) SET idle_in_transaction_session_timeout = '\($0)';" } ?? ""
            return """
                DO $$ BEGIN
                    IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = '\(name)') THEN RETURN; END IF;
                    CREATE ROLE \(name) \(login) NOSUPERUSER NOCREATEDB NOCREATEROLE;
                    \(setting)
                EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
                END $$
                """
        } + [
            """
            DO $$ BEGIN
                IF (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN RETURN; END IF;
                GRANT \(owner) TO CURRENT_USER;
            EXCEPTION WHEN insufficient_privilege THEN NULL;
            END $$
            """
        ]

    /// The rights of the roles on the tables of the first schema.
    static let rights = [
        "REVOKE ALL ON ALL FUNCTIONS IN SCHEMA bursar FROM PUBLIC",
        "GRANT USAGE ON SCHEMA bursar TO \(server), \(admin)",
        "GRANT SELECT ON ALL TABLES IN SCHEMA bursar TO \(server), \(admin)",
        "GRANT INSERT ON records TO \(server), \(admin)",
        "GRANT INSERT, UPDATE ON \(rollUps) TO \(server), \(admin)",
        "GRANT UPDATE ON writer, probe TO \(server), \(admin)",
        "GRANT INSERT, UPDATE, DELETE ON servers TO \(server)",
        "GRANT INSERT, UPDATE ON researchers, keys TO \(admin)",
        "GRANT UPDATE ON revision, pruned TO \(admin)",
        "GRANT DELETE ON records TO \(admin)",
    ]

    private static let rollUps =
        "usage_daily, usage_monthly, usage_networks, usage_networks_monthly, usage_totals, usage_keys"
}
