import BursarFoundation
package import BursarModel
import GRDB
package import Vending

extension Store: KeyDirectory {
    package func key(_ id: KeyID) async throws -> (record: KeyRecord, revision: Int64)? {
        try await pool.read { db in try Self.key(id, db) }
    }

    /// A key as the server reads it.
    static func key(_ id: KeyID, _ db: Database) throws -> (record: KeyRecord, revision: Int64)? {
        let statement = try db.cachedStatement(
            sql: """
                SELECT keys.*, handle, project, disabled_at, ends_at, sessions_valid_from, purpose,
                    revision.value AS revision
                FROM keys JOIN researchers ON researchers.handle = keys.researcher, revision
                WHERE keys.id = ?
                """
        )
        guard let row = try Row.fetchOne(statement, arguments: [id.description]) else { return nil }
        return (try KeyRecord(row), row["revision"])
    }

    package func changes(since known: Int64) async throws -> DirectoryChanges {
        try checkIsInPlace()
        return try await pool.read { [schema] db in
            try schema.checkText(db)
            let state = try DirectoryState.current(db)
            guard state.revision != known else {
                return DirectoryChanges(revision: known, keys: [], isPaused: state.isPaused)
            }
            let ids = try String.fetchAll(db, sql: "SELECT id FROM keys WHERE version > ?", arguments: [known])
            return DirectoryChanges(
                revision: state.revision,
                keys: ids.compactMap { KeyID($0) },
                isPaused: state.isPaused
            )
        }
    }
}

extension KeyRecord {
    /// A row of keys joined with its researcher.
    ///
    /// A condition that can't be read must not count as none, so it makes the whole row unreadable.
    fileprivate convenience init(_ row: Row) throws {
        guard let id = KeyID(row["id"] as String), let handle = Handle(row["handle"]),
            let hash = PasswordHash(phc: row["hash"])
        else { throw UnreadableKeyError() }
        self.init(
            id: id,
            owner: ResearcherStatus(
                handle: handle,
                project: row["project"],
                disabled: (row["disabled_at"] as Int64?).map(Date.init(milliseconds:)),
                ends: (row["ends_at"] as Int64?).map(Date.init(milliseconds:)),
                sessionsValidFrom: (row["sessions_valid_from"] as Int64?).map(Date.init(milliseconds:)),
                isSelftest: row["purpose"] as String != "research"
            ),
            hash: hash,
            expires: Date(milliseconds: row["expires_at"]),
            revoked: (row["revoked_at"] as Int64?).map(Date.init(milliseconds:)),
            terms: try KeyRestrictions(row),
            isCanary: row["canary"],
            version: row["version"]
        )
    }
}

extension KeyRestrictions {
    init(_ row: Row) throws(UnreadableKeyError) {
        let stored = StoredRestrictions(
            allowed: row["allowed"],
            models: row["models"],
            dailyLimit: row["daily_limit"],
            rate: row["rate"],
            sessionSeconds: row["session_seconds"]
        )
        self = try stored.read()
    }
}
