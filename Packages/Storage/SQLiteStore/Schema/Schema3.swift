/// The third schema: researchers' sponsors, canary keys, keys' last uses, totals, and the proof of pruned records.
enum Schema3 {
    static let sql = [people, keys, totals, pruning]

    /// Researchers made by `admin selftest` have another purpose, and are in no report.
    private static let people = """
        ALTER TABLE researchers ADD COLUMN sponsor TEXT;
        ALTER TABLE researchers ADD COLUMN note TEXT;
        ALTER TABLE researchers ADD COLUMN disabled_reason TEXT;
        ALTER TABLE researchers ADD COLUMN purpose TEXT NOT NULL DEFAULT 'research'
            CHECK (purpose IN ('research', 'selftest'));

        CREATE TRIGGER researchers_keep_purpose BEFORE UPDATE OF purpose ON researchers
        WHEN NEW.purpose IS NOT OLD.purpose BEGIN
            SELECT RAISE(ABORT, 'a researcher keeps the purpose they were added for');
        END;
        """

    /// `usage_keys` has keys' last uses, so that they are known without reading records; `last_sequence` is the record of
    /// the last vend.
    private static let keys = """
        ALTER TABLE keys ADD COLUMN canary INTEGER NOT NULL DEFAULT 0 CHECK (canary IN (0, 1));
        ALTER TABLE keys ADD COLUMN replaced_by TEXT REFERENCES keys (id);

        CREATE TRIGGER canaries_stay BEFORE UPDATE OF canary ON keys WHEN NEW.canary IS NOT OLD.canary BEGIN
            SELECT RAISE(ABORT, 'a key is a canary from its issue on, or never');
        END;

        CREATE TABLE usage_keys (
            key_id TEXT NOT NULL PRIMARY KEY,
            vends INTEGER NOT NULL CHECK (vends BETWEEN 1 AND 9007199254740992),
            first_at INTEGER NOT NULL,
            last_at INTEGER NOT NULL,
            last_sequence INTEGER NOT NULL,
            live_until INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        INSERT INTO usage_keys
            SELECT key_id, count(*), min(occurred_at), max(occurred_at), max(sequence), max(expires_at)
            FROM records WHERE kind = 'vend' AND key_id IS NOT NULL AND expires_at IS NOT NULL GROUP BY key_id;
        """

    private static let totals = """
        CREATE TABLE usage_totals (
            day INTEGER NOT NULL,
            outcome TEXT NOT NULL,
            count INTEGER NOT NULL CHECK (count BETWEEN 1 AND 9007199254740992),
            last_at INTEGER NOT NULL,
            PRIMARY KEY (day, outcome)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO usage_totals
            SELECT day, outcome, sum(count), max(last_at) FROM usage_daily GROUP BY day, outcome;

        CREATE TABLE usage_networks_monthly (
            month INTEGER NOT NULL,
            key_id TEXT NOT NULL,
            network TEXT NOT NULL,
            count INTEGER NOT NULL CHECK (count BETWEEN 1 AND 9007199254740992),
            last_at INTEGER NOT NULL,
            PRIMARY KEY (month, key_id, network)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO usage_networks_monthly
            SELECT strftime('%Y', day * 86400, 'unixepoch') * 12 + strftime('%m', day * 86400, 'unixepoch') - 1 AS month,
                key_id, network, sum(count), max(last_at)
            FROM usage_networks
            GROUP BY month, key_id, network HAVING month IN (SELECT month FROM usage_monthly);
        """

    /// The chain's proof of removed records: the sequence number and hash of the last pruned record.
    ///
    /// The remaining records begin with the one after it.
    private static let pruning = """
        CREATE TABLE pruned (
            only INTEGER NOT NULL PRIMARY KEY CHECK (only = 1),
            sequence INTEGER NOT NULL,
            hash BLOB NOT NULL CHECK (length(hash) = 32)
        ) STRICT;
        INSERT INTO pruned VALUES (1, 0, zeroblob(32));

        CREATE TRIGGER pruned_stays BEFORE DELETE ON pruned BEGIN
            SELECT RAISE(ABORT, 'what was pruned stays known');
        END;

        CREATE TRIGGER pruned_moves_on BEFORE UPDATE ON pruned
        WHEN NEW.sequence <= OLD.sequence
            OR NEW.hash IS NOT (SELECT hash FROM records WHERE sequence = NEW.sequence) BEGIN
            SELECT RAISE(ABORT, 'only records that are there are pruned, oldest first');
        END;

        DROP TRIGGER records_remain;
        CREATE TRIGGER records_remain BEFORE DELETE ON records
        WHEN OLD.sequence > (SELECT sequence FROM pruned) BEGIN
            SELECT RAISE(ABORT, 'records are appended, and removed only once they are pruned');
        END;

        DROP TRIGGER records_follow;
        CREATE TRIGGER records_follow BEFORE INSERT ON records
        WHEN NEW.sequence IS NOT (
            SELECT coalesce((SELECT max(sequence) FROM records), (SELECT sequence FROM pruned)) + 1
        ) BEGIN
            SELECT RAISE(ABORT, 'records follow one another');
        END;

        CREATE INDEX records_of_operators ON records (sequence) WHERE kind NOT IN ('vend', 'refusal');
        """
}
