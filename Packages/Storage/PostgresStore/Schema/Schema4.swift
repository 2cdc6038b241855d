/// The fourth schema on PostgreSQL: what calls cost, with the same names as SQLite's sixth.
enum PostgresSchema4 {
    static let sql = calls + owners + rollUps + others + prices + rights

    private static func refusal(_ name: String, _ event: String, _ message: String) -> String {
        PostgresSchema1.trigger(name, "BEFORE \(event) FOR EACH ROW", "refuse('\(message)')")
    }

    private static let calls =
        PostgresSchema1.table(
            "spend_totals",
            """
            name text COLLATE "C" NOT NULL PRIMARY KEY
                CHECK (name IN ('duplicates', 'ignored', 'too_old', 'horizon')),
            value bigint NOT NULL CHECK (value >= 0)
            """,
            options: " WITH (fillfactor = 70)"
        ) + [
            PostgresSchema1.function(
                "spend_totals_grow",
                """
                IF NEW.name IS DISTINCT FROM OLD.name OR NEW.value < OLD.value THEN
                    RAISE EXCEPTION 'totals of spend only grow';
                END IF;
                RETURN NEW;
                """
            ),
            PostgresSchema1.trigger(
                "spend_totals_grow",
                "BEFORE UPDATE ON spend_totals FOR EACH ROW",
                "spend_totals_grow()"
            ),
            refusal("spend_totals_stay", "DELETE ON spend_totals", "totals of spend only grow"),
        ]
        + PostgresSchema1.table(
            "spend_calls",
            """
            hour bigint NOT NULL,
            digest bytea NOT NULL CHECK (length(digest) = 16),
            PRIMARY KEY (hour, digest)
            """
        ) + [
            refusal("spend_calls_stay", "UPDATE ON spend_calls", "a call that was counted stays known"),
            PostgresSchema1.function(
                "spend_calls_remain",
                """
                IF EXISTS (
                    SELECT FROM gone
                    WHERE hour >= coalesce((SELECT value FROM spend_totals WHERE name = 'horizon'), 0)
                ) THEN
                    RAISE EXCEPTION 'a call that was counted stays known';
                END IF;
                RETURN NULL;
                """
            ),
            PostgresSchema1.trigger(
                "spend_calls_remain",
                "AFTER DELETE ON spend_calls REFERENCING OLD TABLE AS gone FOR EACH STATEMENT",
                "spend_calls_remain()"
            ),
        ]

    private static let owners =
        PostgresSchema1.table(
            "spend_owners",
            """
            id bigint NOT NULL PRIMARY KEY,
            kind text COLLATE "C" NOT NULL,
            name text COLLATE "C" NOT NULL,
            key_id text COLLATE "C" NOT NULL,
            project text COLLATE "C" NOT NULL,
            UNIQUE (kind, name, key_id, project)
            """
        )
        + PostgresSchema1.table(
            "spend_meters",
            """
            id bigint NOT NULL PRIMARY KEY,
            region text COLLATE "C" NOT NULL,
            model text COLLATE "C" NOT NULL,
            prompt bigint NOT NULL CHECK (prompt IN (0, 100000, 200000)),
            UNIQUE (region, model, prompt)
            """
        )

    private static func rollUp(_ name: String, _ span: String, _ key: [String]) -> [String] {
        PostgresSchema1.table(
            name,
            """
            \(span) bigint NOT NULL,
            \(key.map { "\($0) bigint NOT NULL REFERENCES spend_\($0)s (id)," }.joined(separator: " "))
            calls bigint NOT NULL CHECK (calls >= 1),
            input bigint NOT NULL CHECK (input >= 0),
            output bigint NOT NULL CHECK (output >= 0),
            cache_read bigint NOT NULL CHECK (cache_read >= 0),
            cache_write bigint NOT NULL CHECK (cache_write >= 0),
            PRIMARY KEY (\(([span] + key).joined(separator: ", ")))
            """,
            options: " WITH (fillfactor = 70)"
        )
    }

    private static let rollUps =
        rollUp("spend_daily", "day", ["owner", "meter"]) + rollUp("spend_monthly", "month", ["owner", "meter"])
        + rollUp("spend_days", "day", ["meter"])

    private static let others =
        PostgresSchema1.table(
            "spend_quarantine",
            """
            hash bytea NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
            reason text COLLATE "C" NOT NULL,
            place text COLLATE "C" NOT NULL,
            seen_at bigint NOT NULL
            """
        )
        + PostgresSchema1.table(
            "spend_regions",
            """
            region text COLLATE "C" NOT NULL PRIMARY KEY,
            latest_at bigint NOT NULL,
            ingested_at bigint NOT NULL
            """,
            options: " WITH (fillfactor = 70)"
        )
        + PostgresSchema1.table(
            "spend_lease",
            """
            "only" bigint NOT NULL PRIMARY KEY CHECK ("only" = 1),
            holder text COLLATE "C" NOT NULL,
            ends_at bigint NOT NULL
            """
        )

    private static let prices =
        PostgresSchema1.table(
            "spend_prices",
            """
            id bigint NOT NULL PRIMARY KEY,
            source text COLLATE "C" NOT NULL CHECK (source IN ('list', 'operator')),
            model text COLLATE "C" NOT NULL,
            region text COLLATE "C" NOT NULL,
            routing text COLLATE "C" NOT NULL CHECK (routing IN ('regional', 'global')),
            kind text COLLATE "C" NOT NULL
                CHECK (kind IN ('input', 'output', 'cache-read', 'cache-write', 'cache-write-1h')),
            price bigint CHECK (price >= 0),
            effective bigint NOT NULL,
            recorded_at bigint NOT NULL,
            actor text COLLATE "C" NOT NULL,
            CHECK (price IS NOT NULL OR source = 'operator')
            """
        ) + [
            refusal("spend_prices_stay", "UPDATE ON spend_prices", "prices are appended, never edited"),
            refusal("spend_prices_remain", "DELETE ON spend_prices", "prices are appended, never removed"),
        ]
        + PostgresSchema1.table(
            "spend_aliases",
            """
            name text COLLATE "C" NOT NULL PRIMARY KEY,
            target text COLLATE "C" NOT NULL,
            recorded_at bigint NOT NULL,
            actor text COLLATE "C" NOT NULL
            """
        )

    /// A server counts calls, and removes the keys of those that are too old to come again; prices are the operator's.
    private static let rights = [
        "REVOKE ALL ON FUNCTION spend_totals_grow(), spend_calls_remain() FROM PUBLIC",
        """
        GRANT SELECT ON spend_totals, spend_calls, spend_owners, spend_meters, spend_daily, spend_monthly, spend_days,
            spend_quarantine, spend_regions, spend_lease, spend_prices, spend_aliases
        TO bursar_server, bursar_admin
        """,
        """
        GRANT INSERT ON spend_totals, spend_calls, spend_owners, spend_meters, spend_daily, spend_monthly, spend_days,
            spend_quarantine, spend_regions, spend_lease
        TO bursar_server, bursar_admin
        """,
        """
        GRANT UPDATE ON spend_totals, spend_daily, spend_monthly, spend_days, spend_regions, spend_lease
        TO bursar_server, bursar_admin
        """,
        "GRANT DELETE ON spend_calls TO bursar_server, bursar_admin",
        "GRANT INSERT ON spend_prices TO bursar_admin",
        "GRANT INSERT, UPDATE, DELETE ON spend_aliases TO bursar_admin",
    ]
}
