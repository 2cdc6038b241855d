package import BursarFoundation
package import BursarModel
import GRDB

/// The result of a revocation.
package enum Revocation: Sendable, Equatable {
    case revoked(researcher: String, liveUntil: Date?)
    case alreadyRevoked(at: Date)
    case unknown
}

/// The last vend of a key, as recorded.
package struct LastVend: Sendable, Equatable {
    package let date: Date
    /// nil, like the three that follow, if the record was pruned.
    package let accessKeyID: String?
    package let address: String?
    package let requestID: String?
    /// The expiry of those credentials.
    package let expires: Date?
    /// The latest expiry of all credentials vended to the key; older ones may outlive newer ones.
    package let liveUntil: Date
}

extension Store {
    /// Revokes a key for good and records it; the reason is kept in the key's row only.
    package func revokeKey(_ id: KeyID, reason: String, by act: AuditContext) throws -> Revocation {
        try revoke([id], reason: reason, by: act)[0]
    }

    /// Revokes several keys, all of them or none.
    ///
    /// - Returns: the result for each, in their order; all `.unknown`, and nothing done, if one of them is.
    package func revoke(_ ids: [KeyID], reason: String, by act: AuditContext) throws -> [Revocation] {
        try write { db in
            let keys = try ids.compactMap { id in try ListedKey.fetch(id, db) }
            guard keys.count == ids.count else { return ids.map { _ in .unknown } }
            return try keys.map { key in try key.revoke(reason: reason, by: act, db) }
        }
    }

    /// Returns the last vends of `keys`, without the keys that were never used.
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
                    expires: row?.optionalDate("expires_at"),
                    liveUntil: use.liveUntil
                )
            }
            return vends
        }
    }
}

extension ListedKey {
    fileprivate func revoke(reason: String, by act: AuditContext, _ db: Database) throws -> Revocation {
        // Read again: one command may name the same id twice.
        let before = try ListedKey.fetch(id, db)?.revoked
        if let before { return .alreadyRevoked(at: before) }
        try DirectoryWriter(db, by: act).revoke(id.description, of: researcher, reason: reason)
        return .revoked(researcher: researcher, liveUntil: use.flatMap { $0.liveUntil > act.date ? $0.liveUntil : nil })
    }
}
