package import BursarCore
import GRDB
package import Vending

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Store: KeyDirectory {
    package func key(_ id: KeyID) async throws -> (record: KeyRecord, revision: Int64)? {
        try await pool.read { db in
            let statement = try db.cachedStatement(
                sql: """
                    SELECT keys.*, researchers.handle, researchers.disabled_at, revision.value AS revision
                    FROM keys JOIN researchers ON researchers.handle = keys.researcher, revision
                    WHERE keys.id = ?
                    """
            )
            guard let row = try Row.fetchOne(statement, arguments: [id.description]) else { return nil }
            guard let handle = Handle(row["handle"]), let hash = PasswordHash(phc: row["hash"]) else {
                throw UnreadableKey()
            }
            let record = KeyRecord(
                id: id,
                researcher: handle,
                hash: hash,
                expires: Date(milliseconds: row["expires_at"]),
                revoked: (row["revoked_at"] as Int64?).map(Date.init(milliseconds:)),
                researcherDisabled: (row["disabled_at"] as Int64?).map(Date.init(milliseconds:)),
                version: row["version"]
            )
            return (record, row["revision"])
        }
    }

    package func changes(since known: Int64) async throws -> (revision: Int64, keys: [KeyID]) {
        try checkIsInPlace()
        return try await pool.read { db in
            let revision = try Self.revision(db)
            guard revision != known else { return (revision, []) }
            let ids = try String.fetchAll(db, sql: "SELECT id FROM keys WHERE version > ?", arguments: [known])
            return (revision, ids.compactMap { KeyID($0) })
        }
    }

    static func revision(_ db: Database) throws -> Int64 {
        let value = try Int64.fetchOne(db.cachedStatement(sql: "SELECT value FROM revision"))
        guard let value else { throw StoreProblem.unavailable(cause: "the revision row is missing") }
        return value
    }
}
