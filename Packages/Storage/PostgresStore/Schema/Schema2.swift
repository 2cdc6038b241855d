/// The second schema on PostgreSQL: what the server's login may read, which records each login may write, and where a
/// copied chain may begin.
enum PostgresSchema2 {
    static let sql = reading + [recordsFollow, prunedMovesOn]

    /// The server's login reads what a vend, `admin doctor` and `admin database info` need: no name, e-mail address or
    /// note of a researcher, and of the records that are there no address and no access key id.
    private static let reading = [
        "REVOKE SELECT ON researchers, records FROM bursar_server",
        """
        GRANT SELECT (handle, folded, project, created_at, ends_at, disabled_at, sessions_valid_from, purpose)
        ON researchers TO bursar_server
        """,
        """
        GRANT SELECT (sequence, kind, occurred_at, researcher, key_id, detail, hash) ON records TO bursar_server
        """,
    ]

    /// The first schema's function, which also checks who records an operator's act.
    ///
    /// It must be an operator's login, under its own name. Only the login that operators share, and the schema's owner, may
    /// name another.
    ///
    /// `session_user` is the user who logged in, whatever role the session has taken since.
    private static let recordsFollow = """
        CREATE OR REPLACE FUNCTION records_follow() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = bursar, pg_catalog, pg_temp AS $$
        DECLARE low bigint; high bigint; total bigint; acts bigint; before bigint; BEGIN
        SELECT min(sequence), max(sequence), count(*),
            count(*) FILTER (WHERE actor IS NOT NULL OR kind NOT IN ('vend', 'refusal', 'canary_used'))
        INTO low, high, total, acts FROM added;
        IF total = 0 THEN RETURN NULL; END IF;
        SELECT coalesce(
            (SELECT max(sequence) FROM records WHERE sequence < low), (SELECT sequence FROM pruned)
        ) INTO before;
        IF low <> before + 1 OR total <> high - low + 1
            OR high <> (SELECT max(sequence) FROM records) THEN
            RAISE EXCEPTION 'records follow one another';
        END IF;
        IF acts > 0 AND session_user <> 'bursar_admin' AND NOT pg_has_role(session_user, 'bursar_owner', 'MEMBER') THEN
            IF NOT pg_has_role(session_user, 'bursar_admin', 'MEMBER') THEN
                RAISE EXCEPTION 'permission denied to record an operator''s act' USING ERRCODE = '42501';
            END IF;
            IF EXISTS (
                SELECT FROM added WHERE (actor IS NOT NULL OR kind NOT IN ('vend', 'refusal', 'canary_used'))
                    AND split_part(coalesce(actor, ''), '@', 1) <> session_user::text
            ) THEN
                RAISE EXCEPTION 'permission denied to record another operator''s act' USING ERRCODE = '42501';
            END IF;
        END IF;
        RETURN NULL;
        END $$
        """

    /// The first schema's function, which lets a chain that is copied begin after its pruned records.
    private static let prunedMovesOn = """
        CREATE OR REPLACE FUNCTION pruned_moves_on() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
        SET search_path = bursar, pg_catalog, pg_temp AS $$ BEGIN
        -- Where nothing was ever recorded, a copied chain begins after the records that were pruned of it.
        IF OLD.sequence = 0 AND NOT EXISTS (SELECT FROM records) THEN RETURN NEW; END IF;
        IF NEW.sequence <= OLD.sequence
            OR NEW.hash IS DISTINCT FROM (SELECT hash FROM records WHERE sequence = NEW.sequence) THEN
            RAISE EXCEPTION 'only records that are there are pruned, oldest first';
        END IF;
        RETURN NEW;
        END $$
        """
}
