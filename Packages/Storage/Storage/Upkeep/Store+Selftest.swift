package import BursarFoundation
package import BursarModel
import GRDB
package import Vending

/// A key of a self-test, to be issued.
package struct SelftestKey: Sendable {
    package let id: KeyID
    package let hash: PasswordHash
    package let created: Date
    package let expires: Date
    package let terms: KeyRestrictions

    package init(
        id: KeyID,
        hash: PasswordHash,
        created: Date,
        expires: Date,
        terms: KeyRestrictions = KeyRestrictions()
    ) {
        self.id = id
        self.hash = hash
        self.created = created
        self.expires = expires
        self.terms = terms
    }
}

extension Store {
    /// A self-test that didn't get to its end left its keys: nobody has their secrets, but they needn't work.
    private static let abandoned: TimeInterval = 600

    /// Adds a throw-away researcher with keys, whom reports and lists leave out; the records have what was done.
    ///
    /// - Returns: false when the handle is taken.
    package func addSelftest(_ handle: Handle, keys: [SelftestKey], by act: AuditContext) throws -> Bool {
        try write { db in
            let name = handle.description
            guard try !handle.isTaken(db) else { return false }
            try db.change(
                """
                INSERT INTO researchers (handle, name, email, project, purpose, created_at)
                VALUES (?, 'Self-test', '', 'selftest', 'selftest', ?)
                """,
                [name, act.date.milliseconds]
            )
            try act.record(.researcherAdded, researcher: name, in: db)
            for key in keys {
                let id = key.id.description
                try db.changeDirectory(
                    """
                    INSERT INTO keys (id, researcher, label, hash, created_at, expires_at, allowed, daily_limit)
                    VALUES (?, ?, 'self-test', ?, ?, ?, ?, ?)
                    """,
                    [
                        id, name, key.hash.phc, key.created.milliseconds, key.expires.milliseconds,
                        key.terms.allowed?.description, key.terms.dailyLimit,
                    ]
                )
                try act.record(.keyIssued, researcher: name, key: id, expires: key.expires, in: db)
            }
            return true
        }
    }

    /// Disables a self-test's researcher, and nobody else.
    package func disableSelftest(_ handle: Handle, by act: AuditContext) throws {
        try write { db in
            let name = handle.description
            let sql = """
                SELECT EXISTS (
                    SELECT 1 FROM researchers WHERE handle = ? AND purpose = 'selftest' AND disabled_at IS NULL
                )
                """
            guard try Bool.fetchOne(db, sql: sql, arguments: [name]) == true else { return }
            try Self.disable(name, by: act, db)
        }
    }

    /// Revokes one key of a self-test.
    package func revokeSelftest(_ id: KeyID, by act: AuditContext) throws {
        try write { db in
            let sql = """
                SELECT researcher FROM keys JOIN researchers ON handle = researcher
                WHERE id = ? AND purpose = 'selftest' AND revoked_at IS NULL
                """
            guard let handle = try String.fetchOne(db, sql: sql, arguments: [id.description]) else { return }
            try Self.revoke(id.description, of: handle, by: act, db)
        }
    }

    private static func revoke(_ key: String, of handle: String, by act: AuditContext, _ db: Database) throws {
        try db.changeDirectory(
            "UPDATE keys SET revoked_at = ?, revoked_reason = 'the self-test is over' WHERE id = ?",
            [act.date.milliseconds, key]
        )
        try act.record(.keyRevoked, researcher: handle, key: key, in: db)
    }

    private static func disable(_ handle: String, by act: AuditContext, _ db: Database) throws {
        let sql = "UPDATE researchers SET disabled_at = ? WHERE handle = ?"
        try db.changeDirectory(sql, [act.date.milliseconds, handle])
        try act.record(.researcherDisabled, researcher: handle, in: db)
    }

    /// Revokes the keys of these self-tests, and of any that were left behind, and disables their researchers.
    package func endSelftests(_ handles: [Handle], by act: AuditContext) throws {
        let names = handles.map(\.description)
        try write { db in
            let old = (act.date - Self.abandoned).milliseconds
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT handle, disabled_at, created_at FROM researchers
                    WHERE purpose = 'selftest' AND (disabled_at IS NULL OR EXISTS (
                        SELECT 1 FROM keys WHERE researcher = handle AND revoked_at IS NULL
                    ))
                    """
            )
            for row in rows {
                let (handle, created): (String, Int64) = (row["handle"], row["created_at"])
                guard names.contains(handle) || created < old else { continue }
                let keys = try String.fetchAll(
                    db,
                    sql: "SELECT id FROM keys WHERE researcher = ? AND revoked_at IS NULL",
                    arguments: [handle]
                )
                for key in keys { try Self.revoke(key, of: handle, by: act, db) }
                guard row["disabled_at"] as Int64? == nil else { continue }
                try Self.disable(handle, by: act, db)
            }
        }
    }
}
