import BursarFoundation
import BursarModel
import GRDB
import Vending

/// Changes of keys and researchers, each with its record in the chain, inside the caller's transaction.
struct DirectoryWriter {
    private let db: Database
    private let act: AuditContext

    init(_ db: Database, by act: AuditContext) {
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
                researcher.sponsor, researcher.note, researcher.ends?.milliseconds,
                isSelftest ? "selftest" : "research", act.date.milliseconds,
            ]
        )
        try act.record(.researcherAdded, researcher: researcher.handle.description, in: db)
    }

    /// Adds a key of `researcher`, whose handle is spelled as in their row.
    func add(_ key: NewKey, of researcher: String, created: Date, detail: String?) throws {
        try db.changeDirectory(
            """
            INSERT INTO keys (id, researcher, label, hash, created_at, expires_at, allowed, models, daily_limit, rate,
                session_seconds, canary)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                key.id.description, researcher, key.label, key.hash.phc, created.milliseconds,
                key.expires.milliseconds, key.terms.allowed?.description, key.terms.models?.description,
                key.terms.dailyLimit, key.terms.rate?.perSecond, key.terms.sessionDuration?.seconds, key.isCanary,
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
    func revoke(_ key: String, of researcher: String, at date: Int64? = nil, reason: String?) throws {
        try db.changeDirectory(
            "UPDATE keys SET revoked_at = ?, revoked_reason = ? WHERE id = ?",
            [date ?? act.date.milliseconds, reason, key]
        )
        try act.record(.keyRevoked, researcher: researcher, key: key, in: db)
    }

    /// Disables a researcher, or enables them if `date` is nil; the reason is kept in their row only.
    func setDisabled(_ researcher: String, at date: Int64?, reason: String? = nil) throws {
        try db.changeDirectory(
            "UPDATE researchers SET disabled_at = ?, disabled_reason = ? WHERE handle = ?",
            [date, reason, researcher]
        )
        try act.record(date == nil ? .researcherEnabled : .researcherDisabled, researcher: researcher, in: db)
    }

    /// Stops all vending, or resumes it if `date` is nil.
    func setPaused(at date: Int64?) throws {
        try db.changeDirectory("UPDATE revision SET paused_at = ?", [date])
        try act.record(date == nil ? .vendingResumed : .vendingPaused, in: db)
    }
}
