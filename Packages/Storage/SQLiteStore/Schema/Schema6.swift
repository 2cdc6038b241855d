/// The sixth schema: what calls cost.
///
/// Calls are kept as tokens; money is tokens times prices, at reading.
enum Schema6 {
    static let sql = [calls, owners, rollUps, others, prices]

    /// The keys of the records that were counted: a record that is delivered again counts once.
    ///
    /// Keys go only below the horizon, from before which no record is taken any more.
    private static let calls = """
        CREATE TABLE spend_totals (
            name TEXT NOT NULL PRIMARY KEY CHECK (name IN ('duplicates', 'ignored', 'too_old', 'horizon')),
            value INTEGER NOT NULL CHECK (value >= 0)
        ) STRICT, WITHOUT ROWID;
        CREATE TRIGGER spend_totals_grow BEFORE UPDATE ON spend_totals
        WHEN NEW.name IS NOT OLD.name OR NEW.value < OLD.value BEGIN
            SELECT RAISE(ABORT, 'totals of spend only grow');
        END;
        CREATE TRIGGER spend_totals_stay BEFORE DELETE ON spend_totals BEGIN
            SELECT RAISE(ABORT, 'totals of spend only grow');
        END;

        CREATE TABLE spend_calls (
            hour INTEGER NOT NULL,
            digest BLOB NOT NULL CHECK (length(digest) = 16),
            PRIMARY KEY (hour, digest)
        ) STRICT, WITHOUT ROWID;
        CREATE TRIGGER spend_calls_stay BEFORE UPDATE ON spend_calls BEGIN
            SELECT RAISE(ABORT, 'a call that was counted stays known');
        END;
        CREATE TRIGGER spend_calls_remain BEFORE DELETE ON spend_calls
        WHEN OLD.hour >= coalesce((SELECT value FROM spend_totals WHERE name = 'horizon'), 0) BEGIN
            SELECT RAISE(ABORT, 'a call that was counted stays known');
        END;
        """

    /// The researcher, key and project of a call, as they were when it was made, or the other identity that made it; and
    /// the region and model, with the size of the prompt above which some models have another price.
    private static let owners = """
        CREATE TABLE spend_owners (
            id INTEGER NOT NULL PRIMARY KEY,
            kind TEXT NOT NULL,
            name TEXT NOT NULL,
            key_id TEXT NOT NULL,
            project TEXT NOT NULL,
            UNIQUE (kind, name, key_id, project)
        ) STRICT;

        CREATE TABLE spend_meters (
            id INTEGER NOT NULL PRIMARY KEY,
            region TEXT NOT NULL,
            model TEXT NOT NULL,
            prompt INTEGER NOT NULL CHECK (prompt IN (0, 100000, 200000)),
            UNIQUE (region, model, prompt)
        ) STRICT;
        """

    private static func table(_ name: String, _ span: String, _ key: [String]) -> String {
        """
        CREATE TABLE \(name) (
            \(span) INTEGER NOT NULL,
            \(key.map { "\($0) INTEGER NOT NULL REFERENCES spend_\($0)s (id)," }.joined(separator: "\n    "))
            calls INTEGER NOT NULL CHECK (calls >= 1),
            input INTEGER NOT NULL CHECK (input >= 0),
            output INTEGER NOT NULL CHECK (output >= 0),
            cache_read INTEGER NOT NULL CHECK (cache_read >= 0),
            cache_write INTEGER NOT NULL CHECK (cache_write >= 0),
            PRIMARY KEY (\(([span] + key).joined(separator: ", ")))
        ) STRICT, WITHOUT ROWID;
        """
    }

    private static let rollUps = [
        table("spend_daily", "day", ["owner", "meter"]), table("spend_monthly", "month", ["owner", "meter"]),
        table("spend_days", "day", ["meter"]),
    ].joined(separator: "\n\n")

    /// Lines that are no records, the age of what was counted, and the one program that asks AWS at a time.
    private static let others = """
        CREATE TABLE spend_quarantine (
            hash BLOB NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
            reason TEXT NOT NULL,
            place TEXT NOT NULL,
            seen_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE spend_regions (
            region TEXT NOT NULL PRIMARY KEY,
            latest_at INTEGER NOT NULL,
            ingested_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE spend_lease (
            only INTEGER NOT NULL PRIMARY KEY CHECK (only = 1),
            holder TEXT NOT NULL,
            ends_at INTEGER NOT NULL
        ) STRICT;
        """

    /// Prices of tokens in whole 10⁻¹⁶ USD; NULL in a row of the operator's that ends an earlier one.
    private static let prices = """
        CREATE TABLE spend_prices (
            id INTEGER NOT NULL PRIMARY KEY,
            source TEXT NOT NULL CHECK (source IN ('list', 'operator')),
            model TEXT NOT NULL,
            region TEXT NOT NULL,
            routing TEXT NOT NULL CHECK (routing IN ('regional', 'global')),
            kind TEXT NOT NULL CHECK (kind IN ('input', 'output', 'cache-read', 'cache-write', 'cache-write-1h')),
            price INTEGER CHECK (price >= 0),
            effective INTEGER NOT NULL,
            recorded_at INTEGER NOT NULL,
            actor TEXT NOT NULL,
            CHECK (price IS NOT NULL OR source = 'operator')
        ) STRICT;
        CREATE TRIGGER spend_prices_stay BEFORE UPDATE ON spend_prices BEGIN
            SELECT RAISE(ABORT, 'prices are appended, never edited');
        END;
        CREATE TRIGGER spend_prices_remain BEFORE DELETE ON spend_prices BEGIN
            SELECT RAISE(ABORT, 'prices are appended, never removed');
        END;

        CREATE TABLE spend_aliases (
            name TEXT NOT NULL PRIMARY KEY,
            target TEXT NOT NULL,
            recorded_at INTEGER NOT NULL,
            actor TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        """
}
