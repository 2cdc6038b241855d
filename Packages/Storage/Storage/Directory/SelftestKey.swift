package import BursarFoundation
package import BursarModel
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

extension Administration {
    /// The age after which a self-test counts as abandoned.
    ///
    /// Its keys' secrets are lost, but the keys needn't work.
    private static let abandoned: TimeInterval = 600
    private static let revocationReason = "the self-test is over"

    /// Adds a temporary researcher with keys, whom reports and lists leave out; the chain records both.
    ///
    /// - Returns: false if the handle is taken.
    package func addSelftest(_ handle: Handle, keys: [SelftestKey], by act: AuditContext) throws -> Bool {
        try database.write { db in
            guard try handle.spelled(db) == nil else { return false }
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
        try database.write { db in
            let name = handle.description
            let sql =
                "SELECT 1 AS value FROM researchers WHERE handle = ? AND purpose = 'selftest' AND disabled_at IS NULL"
            guard try db.exists(sql, [name]) else { return }
            try DirectoryWriter(db, by: act).setDisabled(name, at: act.date)
        }
    }

    /// Revokes one key of a self-test.
    package func revokeSelftest(_ id: KeyID, by act: AuditContext) throws {
        try database.write { db in
            guard let key = try StoredKey.fetch(id, db), key.isSelftest, key.revoked == nil else { return }
            try DirectoryWriter(db, by: act).revoke(id, of: key.researcher, reason: Self.revocationReason)
        }
    }

    /// Revokes the keys of these self-tests, and of abandoned ones, and disables their researchers.
    package func endSelftests(_ handles: [Handle], by act: AuditContext) throws {
        try database.write { db in
            let old = act.date - Self.abandoned
            let sql = """
                SELECT handle, disabled_at, created_at FROM researchers
                WHERE purpose = 'selftest' AND (disabled_at IS NULL OR EXISTS (
                    SELECT 1 FROM keys WHERE researcher = handle AND revoked_at IS NULL
                )) ORDER BY folded
                """
            let selftests: [Selftest] = try db.all(sql)
            let writer = DirectoryWriter(db, by: act)
            for selftest in selftests where handles.contains(selftest.handle) || selftest.created < old {
                for key in try StoredKey.all(of: selftest.handle, db) where key.revoked == nil {
                    try writer.revoke(key.id, of: key.researcher, reason: Self.revocationReason)
                }
                if !selftest.isDisabled { try writer.setDisabled(selftest.handle.description, at: act.date) }
            }
        }
    }
}

/// The researcher of a self-test that isn't over.
private struct Selftest: RowDecodable {
    let handle: Handle
    let isDisabled: Bool
    let created: Date

    init(_ row: ResultRow) throws {
        handle = try row["handle"]
        isDisabled = try row["disabled_at"] as Date? != nil
        created = try row["created_at"]
    }
}
