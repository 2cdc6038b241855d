import BursarFoundation
import BursarModel
import Vending

/// Changes of keys and researchers, each with its record in the chain, inside the caller's transaction.
struct DirectoryWriter {
    private let db: any Transaction
    private let act: AuditContext

    init(_ db: any Transaction, by act: AuditContext) {
        self.db = db
        self.act = act
    }

    /// Adds a researcher whose handle is free.
    func add(_ researcher: Researcher, isSelftest: Bool = false) throws {
        try db.change(
            """
            INSERT INTO researchers (handle, name, email, project, sponsor, note, ends_at, purpose, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                researcher.handle.description, researcher.name, researcher.email, researcher.project,
                researcher.sponsor, researcher.note, researcher.ends, isSelftest ? "selftest" : "research", act.date,
            ]
        )
        try act.record(.researcherAdded, researcher: researcher.handle.description, in: db)
    }

    /// Adds a key of `researcher`, whose handle is spelled as in their row.
    func add(_ key: NewKey, of researcher: String, created: Date, detail: String?) throws {
        try change(
            """
            INSERT INTO keys (id, researcher, project, label, hash, created_at, expires_at, allowed, models, daily_limit,
                rate, session_seconds, canary)
            VALUES (?, ?, coalesce(CAST(? AS text), (SELECT project FROM researchers WHERE handle = ?)), ?, ?, ?, ?, ?, ?,
                ?, ?, ?, ?)
            """,
            [
                key.id.description, researcher, key.project, researcher, key.label, key.hash.phc, created, key.expires,
                key.terms.allowed?.description, key.terms.models?.description, key.terms.dailyLimit,
                key.terms.rate?.perSecond, key.terms.sessionDuration?.seconds, key.isCanary,
            ]
        )
        try act.record(
            .keyIssued,
            researcher: researcher,
            key: key.id.description,
            expires: key.expires,
            detail: detail,
            in: db
        )
    }

    /// Has a key's use count for `project` from now on, where it doesn't yet.
    ///
    /// The key's counts of the day so far are kept apart, so that reports can tell which part of it was before.
    func move(_ key: KeyID, from old: String, to project: String) throws {
        guard project != old else { return }
        let id = key.description
        let since = try begin(project, in: "key_projects", of: "key_id", id)
        let day = UTCDay(containing: Date(milliseconds: since)).number
        for (splits, counts, column) in [
            ("usage_splits", "usage_daily", "outcome"), ("usage_network_splits", "usage_networks", "network"),
        ] {
            let rows: Int? = try db.value(
                "SELECT count(*) AS value FROM \(counts) WHERE day = ? AND key_id = ?",
                [day, id]
            )
            try db.change(
                """
                INSERT INTO \(splits) (key_id, since, \(column), count, last_at)
                SELECT key_id, CAST(? AS bigint), \(column), count, last_at FROM \(counts) WHERE day = ? AND key_id = ?
                """,
                [since, day, id],
                rows: rows ?? 0
            )
        }
        try change("UPDATE keys SET project = ? WHERE id = ?", [project, id])
    }

    /// Has a researcher's new keys be of `project` from now on, where they aren't yet; their keys stay as they are.
    func move(_ researcher: String, from old: String, to project: String) throws {
        guard project != old else { return }
        _ = try begin(project, in: "researcher_projects", of: "researcher", researcher)
        try change("UPDATE researchers SET project = ? WHERE handle = ?", [project, researcher])
    }

    /// Adds a row to the end of a history of projects; returns its time in UTC milliseconds.
    ///
    /// The time is that of the clock which dates vends, and after that of the last row: a clock may have been set back.
    private func begin(_ project: String, in history: String, of column: String, _ id: String) throws -> Int64 {
        let date = try db.sharedDate ?? act.date
        let last: Int64? = try db.value("SELECT max(since) AS value FROM \(history) WHERE \(column) = ?", [id])
        let since = max(date.milliseconds, (last ?? 0) + 1)
        try db.change("INSERT INTO \(history) (\(column), since, project) VALUES (?, ?, ?)", [id, since, project])
        return since
    }

    /// Revokes a key that isn't revoked yet; a restore passes the original `date`.
    func revoke(_ key: KeyID, of researcher: String, at date: Date? = nil, reason: String?) throws {
        try change(
            "UPDATE keys SET revoked_at = ?, revoked_reason = ? WHERE id = ?",
            [date ?? act.date, reason, key.description]
        )
        try act.record(.keyRevoked, researcher: researcher, key: key.description, in: db)
    }

    /// Disables a researcher, or enables them if `date` is nil; the reason is kept in their row only.
    func setDisabled(_ researcher: String, at date: Date?, reason: String? = nil) throws {
        try change(
            "UPDATE researchers SET disabled_at = ?, disabled_reason = ? WHERE handle = ?",
            [date, reason, researcher]
        )
        try act.record(date == nil ? .researcherEnabled : .researcherDisabled, researcher: researcher, in: db)
    }

    /// Stops all vending, or resumes it if `date` is nil.
    func setPaused(at date: Date?) throws {
        try change("UPDATE revision SET paused_at = ?", [date])
        try act.record(date == nil ? .vendingResumed : .vendingPaused, in: db)
    }

    /// Changes one row that running servers must follow; they see it by the revision, which has to rise.
    ///
    /// - Throws: ``StoreError/unavailable(cause:)`` if it doesn't.
    func change(_ sql: String, _ arguments: SQLArguments) throws {
        let before = try DirectoryState.current(db).revision
        try db.change(sql, arguments)
        guard try DirectoryState.current(db).revision > before else {
            throw StoreError.unavailable(cause: "the revision doesn't move, so no server would obey the change")
        }
    }
}
