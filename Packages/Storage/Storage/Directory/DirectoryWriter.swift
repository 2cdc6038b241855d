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
            INSERT INTO keys (id, researcher, label, hash, created_at, expires_at, allowed, models, daily_limit, rate,
                session_seconds, canary)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                key.id.description, researcher, key.label, key.hash.phc, created, key.expires,
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
