package import BursarFoundation
package import BursarModel
package import Vending

/// A key to be stored: everything but the secret.
package struct NewKey: Sendable {
    package let id: KeyID
    package let hash: PasswordHash
    package let researcher: Handle
    /// The project that its use is accounted to; nil is the researcher's.
    package let project: String?
    package let label: String?
    package let expires: Date
    package let terms: KeyRestrictions
    /// True for a key that never vends, and whose use is an alarm.
    package let isCanary: Bool

    package init(
        id: KeyID,
        hash: PasswordHash,
        researcher: Handle,
        project: String? = nil,
        label: String? = nil,
        expires: Date,
        terms: KeyRestrictions = KeyRestrictions(),
        isCanary: Bool = false
    ) {
        self.id = id
        self.hash = hash
        self.researcher = researcher
        self.project = project
        self.label = label
        self.expires = expires
        self.terms = terms
        self.isCanary = isCanary
    }
}

/// A key to be added, with its researcher if they are new.
package struct ImportedResearcher: Sendable {
    /// nil for another key of an existing researcher.
    package let researcher: Researcher?
    package let key: NewKey

    package init(researcher: Researcher?, key: NewKey) {
        self.researcher = researcher
        self.key = key
    }
}

/// The database has changed since the import was checked.
package enum ImportConflictError: Error, Equatable {
    /// A researcher has the handle already, in some case of its letters.
    case handleTaken(Handle)
    case unknown(Handle)
}

extension Administration {
    /// Adds a researcher and records it.
    ///
    /// - Returns: false if the handle is taken, in any case of its letters, or is the name of a key's sessions.
    package func add(_ researcher: Researcher, by act: AuditContext) throws -> Bool {
        try database.write { db in try researcher.insert(db, by: act) }
    }

    /// Stores a key's hash and records that it was issued.
    ///
    /// - Returns: the researcher's handle as it is spelled in their row; nil if there is no such researcher.
    package func add(_ key: NewKey, by act: AuditContext) throws -> String? {
        try database.write { db in try key.insert(db, by: act) }
    }

    /// Adds researchers with their keys, and keys of existing ones, and records each: all of them or none.
    ///
    /// - Throws: ``ImportConflictError`` if a new handle is taken, or an existing researcher is gone.
    package func add(_ imported: [ImportedResearcher], by act: AuditContext) throws {
        try database.write { db in
            for item in imported {
                let handle = item.key.researcher
                if let researcher = item.researcher, try !researcher.insert(db, by: act) {
                    throw ImportConflictError.handleTaken(handle)
                }
                guard try item.key.insert(db, by: act) != nil else { throw ImportConflictError.unknown(handle) }
            }
        }
    }
}

extension NewKey {
    /// Issues the key inside the caller's transaction; returns nil if there is no such researcher.
    func insert(_ db: any Transaction, by act: AuditContext) throws -> String? {
        guard let handle = try researcher.spelled(db) else { return nil }
        let detail = isCanary ? "canary" : terms.summary
        try DirectoryWriter(db, by: act).add(self, of: handle, created: act.date, detail: detail)
        return handle
    }
}

extension Researcher {
    /// Adds the researcher inside the caller's transaction; returns false if the handle is taken.
    func insert(_ db: any Transaction, by act: AuditContext) throws -> Bool {
        guard try handle.spelled(db) == nil, try !handle.isSessionName(db) else { return false }
        try DirectoryWriter(db, by: act).add(self)
        return true
    }
}

extension Handle {
    /// Returns the handle as it is spelled in the researcher's row; nil if there is no such researcher.
    ///
    /// Handles that differ in the case of their letters only are the same researcher's.
    func spelled(_ db: any Transaction) throws -> String? {
        try db.value("SELECT handle AS value FROM researchers WHERE folded = ?", [folded])
    }

    /// Returns true if it is `HANDLE+KEYID` of another researcher's key, as whose sessions those of this handle would count.
    func isSessionName(_ db: any Transaction) throws -> Bool {
        guard let parts = SessionName.parts(of: folded) else { return false }
        return try db.exists(
            "SELECT 1 AS value FROM keys JOIN researchers ON handle = researcher WHERE id = ? AND folded = ?",
            [parts.key.description, parts.handle.folded]
        )
    }
}

extension KeyRestrictions {
    /// The summary in the record: `ip 192.0.2.0/24; daily-limit 500`; nil if there are no restrictions.
    fileprivate var summary: String? {
        let parts = [
            allowed.map { "ip \($0)" }, models.map { "models \($0)" }, dailyLimit.map { "daily-limit \($0)" },
            rate.map { "rate \($0.perSecond)" }, sessionDuration.map { "session \($0.seconds)s" },
        ]
        let text = parts.compactMap(\.self).joined(separator: "; ")
        return text.isEmpty ? nil : text
    }
}
