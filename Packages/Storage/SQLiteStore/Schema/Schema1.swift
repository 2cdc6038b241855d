/// The first schema: researchers, keys, the chain of records, and their daily roll-up.
enum Schema1 {
    static let sql = [researchersAndKeys, revision, records, usage, probe]

    private static let researchersAndKeys = """
        CREATE TABLE researchers (
            handle TEXT NOT NULL PRIMARY KEY COLLATE NOCASE CHECK (length(handle) BETWEEN 2 AND 64),
            name TEXT NOT NULL,
            email TEXT NOT NULL,
            project TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            disabled_at INTEGER
        ) STRICT;

        CREATE TABLE keys (
            id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 12),
            researcher TEXT NOT NULL COLLATE NOCASE REFERENCES researchers (handle),
            label TEXT,
            hash TEXT NOT NULL CHECK (hash GLOB '$argon2id$*'),
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL CHECK (expires_at > created_at),
            revoked_at INTEGER,
            revoked_reason TEXT,
            version INTEGER NOT NULL DEFAULT 0
        ) STRICT;

        CREATE INDEX keys_by_researcher ON keys (researcher);
        CREATE INDEX keys_by_version ON keys (version);

        CREATE TRIGGER keys_stay BEFORE DELETE ON keys BEGIN
            SELECT RAISE(ABORT, 'keys are revoked, never deleted');
        END;

        CREATE TRIGGER keys_stay_revoked BEFORE UPDATE OF revoked_at ON keys
        WHEN OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS NOT OLD.revoked_at BEGIN
            SELECT RAISE(ABORT, 'a revoked key stays revoked');
        END;
        """

    /// One number that rises with every change a running server must obey; each key carries the one of its last change.
    private static let revision = """
        CREATE TABLE revision (
            only INTEGER NOT NULL PRIMARY KEY CHECK (only = 1),
            value INTEGER NOT NULL
        ) STRICT;
        INSERT INTO revision VALUES (1, 1);

        CREATE TRIGGER key_issued AFTER INSERT ON keys BEGIN
            UPDATE revision SET value = value + 1;
            UPDATE keys SET version = (SELECT value FROM revision) WHERE id = NEW.id;
        END;

        CREATE TRIGGER key_changed
        AFTER UPDATE OF id, researcher, label, hash, created_at, expires_at, revoked_at ON keys BEGIN
            UPDATE revision SET value = value + 1;
            UPDATE keys SET version = (SELECT value FROM revision) WHERE id = NEW.id;
        END;

        CREATE TRIGGER researcher_changed AFTER UPDATE OF handle, project, disabled_at ON researchers BEGIN
            UPDATE revision SET value = value + 1;
            UPDATE keys SET version = (SELECT value FROM revision) WHERE researcher = NEW.handle;
        END;
        """

    private static let records = """
        CREATE TABLE records (
            sequence INTEGER NOT NULL PRIMARY KEY CHECK (sequence BETWEEN 1 AND 4611686018427387904),
            kind TEXT NOT NULL,
            occurred_at INTEGER NOT NULL,
            researcher TEXT,
            key_id TEXT,
            address TEXT,
            access_key_id TEXT,
            expires_at INTEGER,
            request_id TEXT,
            hash BLOB NOT NULL CHECK (length(hash) = 32)
        ) STRICT;

        CREATE TRIGGER records_follow BEFORE INSERT ON records
        WHEN NEW.sequence IS NOT (SELECT coalesce(max(sequence), 0) + 1 FROM records) BEGIN
            SELECT RAISE(ABORT, 'records follow one another');
        END;

        CREATE TRIGGER records_stay BEFORE UPDATE ON records BEGIN
            SELECT RAISE(ABORT, 'records are appended, never edited');
        END;

        CREATE TRIGGER records_remain BEFORE DELETE ON records BEGIN
            SELECT RAISE(ABORT, 'records are appended, never removed');
        END;
        """

    /// Pages that are overwritten to test if there is space for a vend: more than a vend takes.
    private static let probe = """
        CREATE TABLE probe (
            only INTEGER NOT NULL PRIMARY KEY CHECK (only = 1),
            filler BLOB NOT NULL
        ) STRICT;
        INSERT INTO probe VALUES (1, zeroblob(32768));
        """

    private static let usage = """
        CREATE TABLE usage_daily (
            day INTEGER NOT NULL,
            key_id TEXT NOT NULL REFERENCES keys (id),
            outcome TEXT NOT NULL,
            count INTEGER NOT NULL CHECK (count BETWEEN 1 AND 9007199254740992),
            last_at INTEGER NOT NULL,
            PRIMARY KEY (day, key_id, outcome)
        ) STRICT, WITHOUT ROWID;
        """
}
