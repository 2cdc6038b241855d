/// The second schema: keys' restrictions, the pause of all vending, recorded refusals, and roll-ups by month and network.
enum Schema2 {
    static let sql = [terms, pause, records, usage]

    private static let terms = """
        ALTER TABLE researchers ADD COLUMN ends_at INTEGER;
        ALTER TABLE researchers ADD COLUMN sessions_valid_from INTEGER;
        ALTER TABLE keys ADD COLUMN allowed TEXT;
        ALTER TABLE keys ADD COLUMN models TEXT;
        ALTER TABLE keys ADD COLUMN daily_limit INTEGER CHECK (daily_limit BETWEEN 0 AND 1000000000);
        ALTER TABLE keys ADD COLUMN rate INTEGER CHECK (rate BETWEEN 1 AND 1000000);
        ALTER TABLE keys ADD COLUMN session_seconds INTEGER CHECK (session_seconds BETWEEN 900 AND 43200);

        DROP TRIGGER key_changed;
        CREATE TRIGGER key_changed
        AFTER UPDATE OF id, researcher, label, hash, created_at, expires_at, revoked_at, allowed, models, daily_limit,
            rate, session_seconds
        ON keys BEGIN
            UPDATE revision SET value = value + 1;
            UPDATE keys SET version = (SELECT value FROM revision) WHERE id = NEW.id;
        END;

        DROP TRIGGER researcher_changed;
        CREATE TRIGGER researcher_changed
        AFTER UPDATE OF handle, project, disabled_at, ends_at, sessions_valid_from ON researchers BEGIN
            UPDATE revision SET value = value + 1;
            UPDATE keys SET version = (SELECT value FROM revision) WHERE researcher = NEW.handle;
        END;
        """

    /// The pause is kept in the row that every commit reads anyway.
    private static let pause = """
        ALTER TABLE revision ADD COLUMN paused_at INTEGER;

        CREATE TRIGGER vending_switched AFTER UPDATE OF paused_at ON revision BEGIN
            UPDATE revision SET value = value + 1;
        END;
        """

    /// `format` is the chain's version byte, which determines the hashed fields.
    private static let records = """
        ALTER TABLE records ADD COLUMN format INTEGER NOT NULL DEFAULT 1;
        ALTER TABLE records ADD COLUMN reason TEXT;
        ALTER TABLE records ADD COLUMN actor TEXT;
        ALTER TABLE records ADD COLUMN detail TEXT;
        """

    /// Refusals of ids that belong to no key are counted under an empty key id; months are counted from 0000-01.
    private static let usage = """
        ALTER TABLE usage_daily RENAME TO usage_daily_1;
        CREATE TABLE usage_daily (
            day INTEGER NOT NULL,
            key_id TEXT NOT NULL,
            outcome TEXT NOT NULL,
            count INTEGER NOT NULL CHECK (count BETWEEN 1 AND 9007199254740992),
            last_at INTEGER NOT NULL,
            PRIMARY KEY (day, key_id, outcome)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO usage_daily SELECT day, key_id, outcome, count, last_at FROM usage_daily_1;
        DROP TABLE usage_daily_1;

        CREATE TABLE usage_monthly (
            month INTEGER NOT NULL,
            key_id TEXT NOT NULL,
            outcome TEXT NOT NULL,
            count INTEGER NOT NULL CHECK (count BETWEEN 1 AND 9007199254740992),
            last_at INTEGER NOT NULL,
            PRIMARY KEY (month, key_id, outcome)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE usage_networks (
            day INTEGER NOT NULL,
            key_id TEXT NOT NULL,
            network TEXT NOT NULL,
            count INTEGER NOT NULL CHECK (count BETWEEN 1 AND 9007199254740992),
            last_at INTEGER NOT NULL,
            PRIMARY KEY (day, key_id, network)
        ) STRICT, WITHOUT ROWID;
        """
}
