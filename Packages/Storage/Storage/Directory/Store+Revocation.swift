package import BursarFoundation
package import BursarModel
import GRDB

/// What a revocation found.
package enum Revocation: Sendable, Equatable {
    case revoked(researcher: String, liveUntil: Date?)
    case alreadyRevoked(at: Date)
    case unknown
}

/// The last vend of a key, as it is on record.
package struct LastVend: Sendable, Equatable {
    package let date: Date
    /// nil, as the three after it, when the record was pruned.
    package let accessKeyID: String?
    package let address: String?
    package let requestID: String?
    /// When those credentials end.
    package let expires: Date?
    /// When the last of all credentials that the key was given ends; older ones may outlive newer ones.
    package let liveUntil: Date
}

extension Store {
    /// Revokes a key for good and records it; the reason stays in the key's own row.
    package func revokeKey(_ id: KeyID, reason: String, by act: AuditContext) throws -> Revocation {
        try revoke([id], reason: reason, by: act)[0]
    }

    /// The same for several, all of them or none.
    ///
    /// - Returns: what became of each, in their order; all `.unknown`, and nothing done, when one of them is.
    package func revoke(_ ids: [KeyID], reason: String, by act: AuditContext) throws -> [Revocation] {
        try write { db in
            let keys = try ids.compactMap { id in try ListedKey.fetch(id, db) }
            guard keys.count == ids.count else { return ids.map { _ in .unknown } }
            return try keys.map { key in try key.revoke(reason: reason, by: act, db) }
        }
    }

    /// What keys were last given, for those that were given anything.
    package func lastVends(of keys: [ListedKey]) throws -> [KeyID: LastVend] {
        try read { db in
            var vends: [KeyID: LastVend] = [:]
            for key in keys {
                guard let use = key.use else { continue }
                let row = try Row.fetchOne(
                    db.cachedStatement(
                        sql: "SELECT access_key_id, address, request_id, expires_at FROM records WHERE sequence = ?"
                    ),
                    arguments: [use.lastSequence]
                )
                vends[key.id] = LastVend(
                    date: use.last,
                    accessKeyID: row?["access_key_id"],
                    address: row?["address"],
                    requestID: row?["request_id"],
                    expires: (row?["expires_at"] as Int64?).map(Date.init(milliseconds:)),
                    liveUntil: use.liveUntil
                )
            }
            return vends
        }
    }
}

extension ListedKey {
    fileprivate func revoke(reason: String, by act: AuditContext, _ db: Database) throws -> Revocation {
        // Read again: the same id may stand twice in one command.
        let before = try ListedKey.fetch(id, db)?.revoked
        if let before { return .alreadyRevoked(at: before) }
        try db.changeDirectory(
            "UPDATE keys SET revoked_at = ?, revoked_reason = ? WHERE id = ?",
            [act.date.milliseconds, reason, id.description]
        )
        try act.record(.keyRevoked, researcher: researcher, key: id.description, in: db)
        return .revoked(researcher: researcher, liveUntil: use.flatMap { $0.liveUntil > act.date ? $0.liveUntil : nil })
    }
}
