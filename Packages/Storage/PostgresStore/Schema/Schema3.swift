/// The third schema on PostgreSQL: projects of keys, with a history, as SQLite's fifth one has them.
///
/// A program of before goes on: the keys that it issues have their researcher's project. It can change no project, since
/// that would leave the history behind.
enum PostgresSchema3 {
    static let sql = keys + researchers + splits + rights + beginnings

    private static let message = "a project changes together with its history"

    private static let keys =
        [
            "ALTER TABLE keys ADD COLUMN project text COLLATE \"C\"",
            "UPDATE keys SET project = (SELECT project FROM researchers WHERE handle = researcher)",
            "ALTER TABLE keys ALTER COLUMN project SET NOT NULL",
            PostgresSchema1.function(
                "keys_take_project",
                """
                IF NEW.project IS NULL THEN
                    NEW.project := (SELECT project FROM researchers WHERE handle = NEW.researcher);
                END IF;
                RETURN NEW;
                """
            ),
            PostgresSchema1.trigger("keys_take_project", "BEFORE INSERT ON keys FOR EACH ROW", "keys_take_project()"),
            "DROP TRIGGER key_changed ON keys",
            PostgresSchema1.trigger(
                "key_changed",
                """
                BEFORE UPDATE OF id, researcher, label, hash, created_at, expires_at, revoked_at, allowed, models,
                    daily_limit, rate, session_seconds, project ON keys FOR EACH ROW
                """,
                "key_changed()"
            ),
        ] + history("key_projects", of: "key_id", in: "keys", "id")

    private static let researchers = history("researcher_projects", of: "researcher", in: "researchers", "handle")

    /// A history of projects, which begins with its subject, grows at its end, and is followed by its subject's row.
    ///
    /// References are checked at the commit: a copy carries the histories first, so that no other one begins.
    private static func history(_ name: String, of column: String, in table: String, _ id: String) -> [String] {
        PostgresSchema1.table(
            name,
            """
            \(column) text COLLATE "C" NOT NULL REFERENCES \(table) (\(id)) DEFERRABLE INITIALLY DEFERRED,
            since bigint NOT NULL,
            project text COLLATE "C" NOT NULL,
            PRIMARY KEY (\(column), since)
            """
        ) + [
            PostgresSchema1.function(
                "\(name)_begin",
                """
                INSERT INTO \(name) SELECT NEW.\(id), NEW.created_at, NEW.project
                WHERE NOT EXISTS (SELECT FROM \(name) WHERE \(column) = NEW.\(id));
                RETURN NULL;
                """
            ),
            PostgresSchema1.trigger("\(name)_begin", "AFTER INSERT ON \(table) FOR EACH ROW", "\(name)_begin()"),
            PostgresSchema1.function(
                "\(table)_follow_projects",
                """
                IF NEW.project IS DISTINCT FROM OLD.project AND NEW.project IS DISTINCT FROM (
                    SELECT project FROM \(name) WHERE \(column) = NEW.\(id) ORDER BY since DESC LIMIT 1
                ) THEN RAISE EXCEPTION '\(message)'; END IF;
                RETURN NEW;
                """
            ),
            PostgresSchema1.trigger(
                "\(table)_follow_projects",
                "BEFORE UPDATE OF project ON \(table) FOR EACH ROW",
                "\(table)_follow_projects()"
            ),
            PostgresSchema1.function(
                "\(name)_follow",
                """
                IF EXISTS (SELECT FROM \(name) WHERE \(column) = NEW.\(column) AND since >= NEW.since) THEN
                    RAISE EXCEPTION 'a history of projects grows at its end';
                END IF;
                RETURN NEW;
                """
            ),
            PostgresSchema1.trigger("\(name)_follow", "BEFORE INSERT ON \(name) FOR EACH ROW", "\(name)_follow()"),
            stays(name, "a history of projects is never rewritten"),
        ]
    }

    /// A key's counts on the day of a change of its project, up to that moment: they belong to the project of before, and
    /// the rest of the day to the next one.
    private static let splits = [
        ("usage_splits", "outcome"), ("usage_network_splits", "network"),
    ].flatMap { name, column in
        PostgresSchema1.table(
            name,
            """
            key_id text COLLATE "C" NOT NULL,
            since bigint NOT NULL,
            \(column) text COLLATE "C" NOT NULL,
            count bigint NOT NULL CHECK (count BETWEEN 1 AND 9007199254740992),
            last_at bigint NOT NULL,
            PRIMARY KEY (key_id, since, \(column)),
            FOREIGN KEY (key_id, since) REFERENCES key_projects (key_id, since)
            """
        ) + [stays(name, "what was counted before a change stays as it was")]
    }

    private static func stays(_ table: String, _ message: String) -> String {
        PostgresSchema1.trigger(
            "\(table)_stay",
            "BEFORE UPDATE OR DELETE ON \(table) FOR EACH ROW",
            "refuse('\(message)')"
        )
    }

    private static let rights = [
        "REVOKE ALL ON ALL FUNCTIONS IN SCHEMA bursar FROM PUBLIC",
        """
        GRANT SELECT ON key_projects, researcher_projects, usage_splits, usage_network_splits
        TO \(PostgresRoles.server), \(PostgresRoles.admin)
        """,
        """
        GRANT INSERT ON key_projects, researcher_projects, usage_splits, usage_network_splits TO \(PostgresRoles.admin)
        """,
    ]

    /// Last, since references to these rows are checked at the commit: until then, no statement may alter the tables.
    private static let beginnings = [
        "INSERT INTO key_projects SELECT id, created_at, project FROM keys",
        "INSERT INTO researcher_projects SELECT handle, created_at, project FROM researchers",
    ]
}
