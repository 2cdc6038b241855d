import BursarFoundation
package import BursarModel
import GRDB
import Vending

extension Store {
    /// Stores a key's hash and records that it was issued.
    ///
    /// - Returns: the researcher's handle as it is spelled in their row; nil when there is no such researcher.
    package func add(_ key: NewKey, by act: AuditContext) throws -> String? {
        try write { db in try key.insert(db, by: act) }
    }

    /// Ids that begin with `prefix`, with their researchers, so many at most.
    package func keyIDs(beginningWith prefix: String, limit: Int) throws -> [(id: KeyID, researcher: String)] {
        try read { db in
            let sql = "SELECT id, researcher FROM keys WHERE id >= ? AND id < ? ORDER BY id LIMIT ?"
            return try Row.fetchAll(db, sql: sql, arguments: [prefix, prefix + "\u{7F}", limit]).compactMap { row in
                KeyID(row["id"] as String).map { ($0, row["researcher"]) }
            }
        }
    }
}

extension NewKey {
    /// To be called in the transaction that issues the key; nil when there is no such researcher.
    func insert(_ db: Database, by act: AuditContext) throws -> String? {
        let handle = try String.fetchOne(
            db.cachedStatement(sql: "SELECT handle FROM researchers WHERE handle = ?"),
            arguments: [researcher.description]
        )
        guard let handle else { return nil }
        try db.changeDirectory(
            """
            INSERT INTO keys (id, researcher, label, hash, created_at, expires_at, allowed, models, daily_limit, rate,
                session_seconds, canary)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                id.description, handle, label, hash.phc, act.date.milliseconds, expires.milliseconds,
                terms.allowed?.description, terms.models?.description, terms.dailyLimit, terms.rate?.perSecond,
                terms.sessionDuration?.seconds, isCanary,
            ]
        )
        try act.record(
            .keyIssued,
            researcher: handle,
            key: id.description,
            expires: expires,
            detail: isCanary ? "canary" : terms.summary,
            in: db
        )
        return handle
    }
}
