package import BursarFoundation
package import BursarModel

/// The result of a revocation.
package enum Revocation: Sendable, Equatable {
    case revoked(researcher: String, liveUntil: Date?)
    case alreadyRevoked(at: Date)
    case unknown
}

extension Administration {
    /// Revokes a key for good and records it; the reason is kept in the key's row only.
    package func revokeKey(_ id: KeyID, reason: String, by act: AuditContext) throws -> Revocation {
        try revoke([id], reason: reason, by: act)[0]
    }

    /// Revokes several keys, all of them or none.
    ///
    /// - Returns: the result for each, in their order; all `.unknown`, and nothing done, if one of them is.
    package func revoke(_ ids: [KeyID], reason: String, by act: AuditContext) throws -> [Revocation] {
        try database.write { db in
            let keys = try ids.compactMap { id in try StoredKey.fetch(id, db) }
            guard keys.count == ids.count else { return ids.map { _ in .unknown } }
            return try keys.map { key in try Self.revoke(key, reason: reason, by: act, db) }
        }
    }

    private static func revoke(
        _ key: StoredKey,
        reason: String,
        by act: AuditContext,
        _ db: any Transaction
    ) throws -> Revocation {
        // Read again: one command may name the same id twice.
        if let before = try StoredKey.fetch(key.id, db)?.revoked { return .alreadyRevoked(at: before) }
        try DirectoryWriter(db, by: act).revoke(key.id, of: key.researcher, reason: reason)
        let liveUntil = key.use.flatMap { $0.liveUntil > act.date ? $0.liveUntil : nil }
        return .revoked(researcher: key.researcher, liveUntil: liveUntil)
    }
}
