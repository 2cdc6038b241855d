package import BursarCore
import GRDB
package import Vending

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// A key as lists show it.
package struct ListedKey: Sendable {
    package let id: KeyID
    package let researcher: String
    package let label: String?
    package let created: Date
    package let expires: Date
    package let revoked: Date?
    package let revokedReason: String?
    /// nil when it was never used.
    package let lastVend: Date?
}

/// What a revocation found.
package enum Revocation: Sendable, Equatable {
    case revoked(researcher: String, liveUntil: Date?)
    case alreadyRevoked(at: Date)
    case unknown
}

extension Store {
    /// Stores a key's hash and records that it was issued.
    ///
    /// - Returns: the researcher's handle as it is spelled in their row; nil when there is no such researcher.
    package func addKey(
        _ id: KeyID,
        hash: PasswordHash,
        researcher: Handle,
        label: String?,
        expires: Date,
        terms: KeyTerms = KeyTerms(),
        by act: Act
    ) throws -> String? {
        try write { db in
            let handle = try String.fetchOne(
                db,
                sql: "SELECT handle FROM researchers WHERE handle = ?",
                arguments: [researcher.description]
            )
            guard let handle else { return nil }
            try db.execute(
                sql: """
                    INSERT INTO keys (id, researcher, label, hash, created_at, expires_at, allowed, models,
                        daily_limit, rate, session_seconds)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    id.description, handle, label, hash.phc, act.date.milliseconds, expires.milliseconds,
                    terms.allowed?.description, terms.models?.description, terms.dailyLimit, terms.rate?.perSecond,
                    terms.sessionDuration?.seconds,
                ]
            )
            try act.record(.keyIssued, researcher: handle, key: id.description, expires: expires, in: db)
            return handle
        }
    }

    /// Revokes a key for good and records it; the reason stays in the key's own row.
    package func revokeKey(_ id: KeyID, reason: String, by act: Act) throws -> Revocation {
        try write { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT researcher, revoked_at, live_until FROM keys LEFT JOIN usage_keys ON key_id = id WHERE id = ?
                    """,
                arguments: [id.description]
            )
            guard let row else { return .unknown }
            if let revoked: Int64 = row["revoked_at"] { return .alreadyRevoked(at: Date(milliseconds: revoked)) }
            try db.execute(
                sql: "UPDATE keys SET revoked_at = ?, revoked_reason = ? WHERE id = ?",
                arguments: [act.date.milliseconds, reason, id.description]
            )
            let researcher: String = row["researcher"]
            try act.record(.keyRevoked, researcher: researcher, key: id.description, in: db)
            let liveUntil = (row["live_until"] as Int64?).map(Date.init(milliseconds:))
            return .revoked(researcher: researcher, liveUntil: liveUntil.flatMap { $0 > act.date ? $0 : nil })
        }
    }

    /// All keys, by researcher and then by age.
    package func keys() throws -> [ListedKey] {
        try read { db in
            let sql = """
                SELECT keys.*, last_at AS last_vend FROM keys LEFT JOIN usage_keys ON key_id = id
                ORDER BY researcher, created_at
                """
            return try Row.fetchAll(db, sql: sql).compactMap { row in
                guard let id = KeyID(row["id"] as String) else { return nil }
                return ListedKey(
                    id: id,
                    researcher: row["researcher"],
                    label: row["label"],
                    created: Date(milliseconds: row["created_at"]),
                    expires: Date(milliseconds: row["expires_at"]),
                    revoked: (row["revoked_at"] as Int64?).map(Date.init(milliseconds:)),
                    revokedReason: row["revoked_reason"],
                    lastVend: (row["last_vend"] as Int64?).map(Date.init(milliseconds:))
                )
            }
        }
    }
}
