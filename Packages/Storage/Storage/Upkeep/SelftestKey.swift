package import BursarFoundation
package import BursarModel
import GRDB
package import Vending

/// A self-test's key to be issued; it may have expired already.
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
    /// The age after which a self-test counts as abandoned.
    ///
    /// Its keys' secrets are lost, but the keys needn't work.
    private static let abandoned: TimeInterval = 600
    private static let revocationReason = "the self-test is over"

    /// Adds a temporary researcher with keys, whom reports and lists leave out; the chain records both.
    ///
    /// - Returns: false if the handle is taken.
    package func addSelftest(_ handle: Handle, keys: [SelftestKey], by act: AuditContext) throws -> Bool {
        try write { db in
            guard try !handle.isTaken(db) else { return false }
            let writer = DirectoryWriter(db, by: act)
            try writer.add(
                Researcher(handle: handle, name: "Self-test", email: "", project: "selftest"),
                isSelftest: true
            )
            for key in keys {
                let new = NewKey(
                    id: key.id,
                    hash: key.hash,
                    researcher: handle,
                    label: "self-test",
                    expires: key.expires,
                    terms: key.terms
                )
                try writer.add(new, of: handle.description, created: key.created, detail: nil)
            }
            return true
        }
    }

    /// Disables a self-test's researcher, and no other.
    package func disableSelftest(_ handle: Handle, by act: AuditContext) throws {
        try write { db in
            let name = handle.description
            let sql = """
                SELECT EXISTS (
                    SELECT 1 FROM researchers WHERE handle = ? AND purpose = 'selftest' AND disabled_at IS NULL
                )
                """
            guard try Bool.fetchOne(db, sql: sql, arguments: [name]) == true else { return }
            try DirectoryWriter(db, by: act).setDisabled(name, at: act.date.milliseconds)
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
            try DirectoryWriter(db, by: act).revoke(id.description, of: handle, reason: Self.revocationReason)
        }
    }

    /// Revokes the keys of these self-tests, and of abandoned ones, and disables their researchers.
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
                let handle: String = row["handle"]
                guard names.contains(handle) || row["created_at"] < old else { continue }
                let keys = try String.fetchAll(
                    db,
                    sql: "SELECT id FROM keys WHERE researcher = ? AND revoked_at IS NULL",
                    arguments: [handle]
                )
                let writer = DirectoryWriter(db, by: act)
                for key in keys { try writer.revoke(key, of: handle, reason: Self.revocationReason) }
                guard row["disabled_at"] as Int64? == nil else { continue }
                try writer.setDisabled(handle, at: act.date.milliseconds)
            }
        }
    }
}
