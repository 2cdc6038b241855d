/// The first schema on PostgreSQL: what SQLite's fourth one holds, with the same names.
///
/// Text is compared and ordered by its bytes (`COLLATE "C"`), as SQLite does. Conditions of triggers are in their
/// functions, whose text the catalog keeps as it is written, on every version of PostgreSQL.
enum PostgresSchema1 {
    static let sql = researchersAndKeys + revision + records + usage + operation

    /// The statements for a table, and for triggers that keep it from being emptied.
    static func table(_ name: String, _ columns: String, options: String = "") -> [String] {
        [
            "CREATE TABLE \(name) (\(columns))\(options)",
            """
            CREATE TRIGGER \(name)_not_emptied BEFORE TRUNCATE ON \(name)
            FOR EACH STATEMENT EXECUTE FUNCTION refuse('\(name) are not emptied')
            """,
        ]
    }

    /// A function of the owner's for triggers: the role that writes needs no right of its own for what it does.
    static func function(_ name: String, declaring variables: String = "", _ body: String) -> String {
        """
        CREATE FUNCTION \(name)() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = bursar, pg_catalog, pg_temp AS $$\(variables.isEmpty ? "" : " DECLARE \(variables)") BEGIN
        \(body)
        END $$
        """
    }

    static func trigger(_ name: String, _ event: String, _ call: String) -> String {
        "CREATE TRIGGER \(name) \(event) EXECUTE FUNCTION \(call)"
    }

    private static let researchersAndKeys =
        [function("refuse", "RAISE EXCEPTION '%', TG_ARGV[0];")]
        + table(
            "researchers",
            """
            handle text COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(handle) BETWEEN 2 AND 64),
            folded text COLLATE "C" NOT NULL GENERATED ALWAYS AS (lower(handle)) STORED UNIQUE,
            name text COLLATE "C" NOT NULL,
            email text COLLATE "C" NOT NULL,
            project text COLLATE "C" NOT NULL,
            sponsor text COLLATE "C",
            note text COLLATE "C",
            created_at bigint NOT NULL,
            ends_at bigint,
            disabled_at bigint,
            disabled_reason text COLLATE "C",
            sessions_valid_from bigint,
            purpose text COLLATE "C" NOT NULL DEFAULT 'research' CHECK (purpose IN ('research', 'selftest'))
            """
        )
        + table(
            "keys",
            """
            id text COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(id) = 12),
            researcher text COLLATE "C" NOT NULL REFERENCES researchers (handle),
            label text COLLATE "C",
            hash text COLLATE "C" NOT NULL CHECK (hash LIKE '$argon2id$%'),
            created_at bigint NOT NULL,
            expires_at bigint NOT NULL CHECK (expires_at > created_at),
            revoked_at bigint,
            revoked_reason text COLLATE "C",
            version bigint NOT NULL DEFAULT 0,
            allowed text COLLATE "C",
            models text COLLATE "C",
            daily_limit bigint CHECK (daily_limit BETWEEN 0 AND 1000000000),
            rate bigint CHECK (rate BETWEEN 1 AND 1000000),
            session_seconds bigint CHECK (session_seconds BETWEEN 900 AND 43200),
            canary bigint NOT NULL DEFAULT 0 CHECK (canary IN (0, 1)),
            replaced_by text COLLATE "C" REFERENCES keys (id)
            """
        )
        + [
            "CREATE INDEX keys_by_researcher ON keys (researcher)",
            "CREATE INDEX keys_by_version ON keys (version)",
            trigger(
                "keys_stay",
                "BEFORE DELETE ON keys FOR EACH ROW",
                "refuse('keys are revoked, never deleted')"
            ),
            function(
                "keys_keep",
                """
                IF OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at THEN
                    RAISE EXCEPTION 'a revoked key stays revoked';
                END IF;
                IF NEW.canary IS DISTINCT FROM OLD.canary THEN
                    RAISE EXCEPTION 'a key is a canary from its issue on, or never';
                END IF;
                RETURN NEW;
                """
            ),
            trigger("keys_keep", "BEFORE UPDATE ON keys FOR EACH ROW", "keys_keep()"),
            function(
                "researchers_keep_purpose",
                """
                IF NEW.purpose IS DISTINCT FROM OLD.purpose THEN
                    RAISE EXCEPTION 'a researcher keeps the purpose they were added for';
                END IF;
                RETURN NEW;
                """
            ),
            trigger(
                "researchers_keep_purpose",
                "BEFORE UPDATE ON researchers FOR EACH ROW",
                "researchers_keep_purpose()"
            ),
        ]

    /// One number that rises with every change a running server must obey; each key carries the one of its last change.
    ///
    /// The pause is kept in the row that every commit reads anyway.
    private static let revision =
        table(
            "revision",
            "\"only\" bigint NOT NULL PRIMARY KEY CHECK (\"only\" = 1), value bigint NOT NULL, paused_at bigint"
        )
        + [
            "INSERT INTO revision (\"only\", value) VALUES (1, 1)",
            function(
                "key_changed",
                """
                UPDATE revision SET value = value + 1 RETURNING value INTO STRICT NEW.version;
                RETURN NEW;
                """
            ),
            trigger("key_issued", "BEFORE INSERT ON keys FOR EACH ROW", "key_changed()"),
            trigger(
                "key_changed",
                """
                BEFORE UPDATE OF id, researcher, label, hash, created_at, expires_at, revoked_at, allowed, models,
                    daily_limit, rate, session_seconds ON keys FOR EACH ROW
                """,
                "key_changed()"
            ),
            function(
                "researcher_changed",
                """
                UPDATE revision SET value = value + 1;
                UPDATE keys SET version = (SELECT value FROM revision) WHERE researcher = NEW.handle;
                RETURN NULL;
                """
            ),
            trigger(
                "researcher_changed",
                """
                AFTER UPDATE OF handle, project, disabled_at, ends_at, sessions_valid_from ON researchers FOR EACH ROW
                """,
                "researcher_changed()"
            ),
            function("vending_switched", "NEW.value := OLD.value + 1; RETURN NEW;"),
            trigger(
                "vending_switched",
                "BEFORE UPDATE OF paused_at ON revision FOR EACH ROW",
                "vending_switched()"
            ),
        ]

    /// `pruned` is the chain's proof of removed records: the sequence number and hash of the last one.
    private static let records =
        table(
            "records",
            """
            sequence bigint NOT NULL PRIMARY KEY CHECK (sequence BETWEEN 1 AND 4611686018427387904),
            kind text COLLATE "C" NOT NULL,
            occurred_at bigint NOT NULL,
            researcher text COLLATE "C",
            key_id text COLLATE "C",
            address text COLLATE "C",
            access_key_id text COLLATE "C",
            expires_at bigint,
            request_id text COLLATE "C",
            hash bytea NOT NULL CHECK (length(hash) = 32),
            format bigint NOT NULL DEFAULT 1,
            reason text COLLATE "C",
            actor text COLLATE "C",
            detail text COLLATE "C"
            """
        )
        + table(
            "pruned",
            """
            "only" bigint NOT NULL PRIMARY KEY CHECK ("only" = 1),
            sequence bigint NOT NULL,
            hash bytea NOT NULL CHECK (length(hash) = 32)
            """
        )
        + [
            "INSERT INTO pruned VALUES (1, 0, decode(repeat('00', 32), 'hex'))",
            "CREATE INDEX records_of_operators ON records (sequence) WHERE kind NOT IN ('vend', 'refusal')",
            // Once for a statement: once for a row would cost a batch of vends a third of its rate.
            function(
                "records_follow",
                declaring: "low bigint; high bigint; total bigint; before bigint;",
                """
                SELECT min(sequence), max(sequence), count(*) INTO low, high, total FROM added;
                IF total = 0 THEN RETURN NULL; END IF;
                SELECT coalesce(
                    (SELECT max(sequence) FROM records WHERE sequence < low), (SELECT sequence FROM pruned)
                ) INTO before;
                IF low <> before + 1 OR total <> high - low + 1
                    OR high <> (SELECT max(sequence) FROM records) THEN
                    RAISE EXCEPTION 'records follow one another';
                END IF;
                RETURN NULL;
                """
            ),
            trigger(
                "records_follow",
                "AFTER INSERT ON records REFERENCING NEW TABLE AS added FOR EACH STATEMENT",
                "records_follow()"
            ),
            trigger(
                "records_stay",
                "BEFORE UPDATE ON records FOR EACH ROW",
                "refuse('records are appended, never edited')"
            ),
            function(
                "records_remain",
                """
                IF EXISTS (SELECT FROM gone WHERE sequence > (SELECT sequence FROM pruned)) THEN
                    RAISE EXCEPTION 'records are appended, and removed only once they are pruned';
                END IF;
                RETURN NULL;
                """
            ),
            trigger(
                "records_remain",
                "AFTER DELETE ON records REFERENCING OLD TABLE AS gone FOR EACH STATEMENT",
                "records_remain()"
            ),
            trigger(
                "pruned_stays",
                "BEFORE DELETE ON pruned FOR EACH ROW",
                "refuse('what was pruned stays known')"
            ),
            function(
                "pruned_moves_on",
                """
                IF NEW.sequence <= OLD.sequence
                    OR NEW.hash IS DISTINCT FROM (SELECT hash FROM records WHERE sequence = NEW.sequence) THEN
                    RAISE EXCEPTION 'only records that are there are pruned, oldest first';
                END IF;
                RETURN NEW;
                """
            ),
            trigger("pruned_moves_on", "BEFORE UPDATE ON pruned FOR EACH ROW", "pruned_moves_on()"),
        ]

    /// Rows that each commit updates leave room on their page for the next version of themselves.
    private static let usage =
        [
            ("usage_daily", "day", "outcome"), ("usage_monthly", "month", "outcome"),
            ("usage_networks", "day", "network"),
            ("usage_networks_monthly", "month", "network"), ("usage_totals", "day", nil),
        ].flatMap { name, span, column in
            table(
                name,
                """
                \(span) bigint NOT NULL,
                \(column == nil ? "outcome" : "key_id") text COLLATE "C" NOT NULL,
                \(column.map { "\($0) text COLLATE \"C\" NOT NULL," } ?? "")
                count bigint NOT NULL CHECK (count BETWEEN 1 AND 9007199254740992),
                last_at bigint NOT NULL,
                PRIMARY KEY (\(span), \(column.map { "key_id, \($0)" } ?? "outcome"))
                """,
                options: " WITH (fillfactor = 70)"
            )
        }
        + table(
            "usage_keys",
            """
            key_id text COLLATE "C" NOT NULL PRIMARY KEY,
            vends bigint NOT NULL CHECK (vends BETWEEN 1 AND 9007199254740992),
            first_at bigint NOT NULL,
            last_at bigint NOT NULL,
            last_sequence bigint NOT NULL,
            live_until bigint NOT NULL
            """,
            options: " WITH (fillfactor = 70)"
        )

    /// The row that every writer locks and none updates, the servers that run, and the filler that tests for space.
    private static let operation =
        table("writer", "\"only\" bigint NOT NULL PRIMARY KEY CHECK (\"only\" = 1)")
        + [
            "INSERT INTO writer VALUES (1)",
            trigger(
                "writer_stays",
                "BEFORE UPDATE OR DELETE ON writer FOR EACH ROW",
                "refuse('the row that writers lock stays as it is')"
            ),
        ]
        + table(
            "servers",
            """
            id text COLLATE "C" NOT NULL PRIMARY KEY,
            host text COLLATE "C" NOT NULL,
            version text COLLATE "C" NOT NULL,
            seen_at bigint NOT NULL,
            revision bigint NOT NULL
            """,
            options: " WITH (fillfactor = 70)"
        )
        + table("probe", "\"only\" bigint NOT NULL PRIMARY KEY CHECK (\"only\" = 1), filler bytea NOT NULL")
        + ["INSERT INTO probe VALUES (1, decode(repeat('00', 32768), 'hex'))"]
}
