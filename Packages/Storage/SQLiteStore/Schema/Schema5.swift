/// The fifth schema: projects of keys, with a history, so that use counts for the project that a key had at the time.
///
/// A researcher's project is that of their new keys. The first row of a history is at the creation, and is added by a
/// trigger; the later ones come before the change of the key or the researcher, which must follow them.
enum Schema5 {
    static let sql = [keys, researchers, splits]

    /// References are checked at the commit: a copy carries the histories first, so that no other one begins.
    private static let keys = """
        ALTER TABLE keys ADD COLUMN project TEXT NOT NULL DEFAULT '';
        UPDATE keys SET project = (SELECT project FROM researchers WHERE handle = researcher);

        DROP TRIGGER key_changed;
        CREATE TRIGGER key_changed
        AFTER UPDATE OF id, researcher, label, hash, created_at, expires_at, revoked_at, allowed, models, daily_limit,
            rate, session_seconds, project
        ON keys BEGIN
            UPDATE revision SET value = value + 1;
            UPDATE keys SET version = (SELECT value FROM revision) WHERE id = NEW.id;
        END;

        CREATE TABLE key_projects (
            key_id TEXT NOT NULL REFERENCES keys (id) DEFERRABLE INITIALLY DEFERRED,
            since INTEGER NOT NULL,
            project TEXT NOT NULL,
            PRIMARY KEY (key_id, since)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO key_projects SELECT id, created_at, project FROM keys;

        CREATE TRIGGER key_projects_begin AFTER INSERT ON keys
        WHEN NOT EXISTS (SELECT 1 FROM key_projects WHERE key_id = NEW.id) BEGIN
            INSERT INTO key_projects VALUES (NEW.id, NEW.created_at, NEW.project);
        END;

        CREATE TRIGGER keys_follow_projects BEFORE UPDATE OF project ON keys
        WHEN NEW.project IS NOT OLD.project AND NEW.project IS NOT (
            SELECT project FROM key_projects WHERE key_id = NEW.id ORDER BY since DESC LIMIT 1
        ) BEGIN
            SELECT RAISE(ABORT, 'a project changes together with its history');
        END;
        """ + history("key_projects", of: "key_id")

    private static let researchers = """
        CREATE TABLE researcher_projects (
            researcher TEXT NOT NULL REFERENCES researchers (handle) DEFERRABLE INITIALLY DEFERRED,
            since INTEGER NOT NULL,
            project TEXT NOT NULL,
            PRIMARY KEY (researcher, since)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO researcher_projects SELECT handle, created_at, project FROM researchers;

        CREATE TRIGGER researcher_projects_begin AFTER INSERT ON researchers
        WHEN NOT EXISTS (SELECT 1 FROM researcher_projects WHERE researcher = NEW.handle) BEGIN
            INSERT INTO researcher_projects VALUES (NEW.handle, NEW.created_at, NEW.project);
        END;

        CREATE TRIGGER researchers_follow_projects BEFORE UPDATE OF project ON researchers
        WHEN NEW.project IS NOT OLD.project AND NEW.project IS NOT (
            SELECT project FROM researcher_projects WHERE researcher = NEW.handle ORDER BY since DESC LIMIT 1
        ) BEGIN
            SELECT RAISE(ABORT, 'a project changes together with its history');
        END;
        """ + history("researcher_projects", of: "researcher")

    /// A key's counts on the day of a change of its project, up to that moment: they belong to the project of before, and
    /// the rest of the day to the next one.
    ///
    /// Reports sum up the month of a change from its days.
    private static let splits = [
        ("usage_splits", "outcome"), ("usage_network_splits", "network"),
    ].map { name, column in
        """
        CREATE TABLE \(name) (
            key_id TEXT NOT NULL,
            since INTEGER NOT NULL,
            \(column) TEXT NOT NULL,
            count INTEGER NOT NULL CHECK (count BETWEEN 1 AND 9007199254740992),
            last_at INTEGER NOT NULL,
            PRIMARY KEY (key_id, since, \(column)),
            FOREIGN KEY (key_id, since) REFERENCES key_projects (key_id, since)
        ) STRICT, WITHOUT ROWID;

        """ + stays(name, "what was counted before a change stays as it was")
    }.joined(separator: "\n")

    /// Triggers by which a history only grows at its end.
    private static func history(_ table: String, of subject: String) -> String {
        """


        CREATE TRIGGER \(table)_follow BEFORE INSERT ON \(table)
        WHEN EXISTS (SELECT 1 FROM \(table) WHERE \(subject) = NEW.\(subject) AND since >= NEW.since) BEGIN
            SELECT RAISE(ABORT, 'a history of projects grows at its end');
        END;

        """ + stays(table, "a history of projects is never rewritten")
    }

    private static func stays(_ table: String, _ message: String) -> String {
        ["UPDATE", "DELETE"].map { event in
            """

            CREATE TRIGGER \(table)_\(event == "UPDATE" ? "stay" : "remain") BEFORE \(event) ON \(table) BEGIN
                SELECT RAISE(ABORT, '\(message)');
            END;
            """
        }.joined(separator: "\n")
    }
}
