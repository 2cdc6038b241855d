import BursarFoundation
package import BursarModel
package import Vending

/// The directory of keys for vends, read from the database.
package struct StoredDirectory: KeyDirectory {
    let database: any Database

    package init(_ database: any Database) {
        self.database = database
    }

    package func key(_ id: KeyID) async throws -> (record: KeyRecord, revision: Int64)? {
        try await database.read { db in
            guard let key = try StoredKey.fetch(id, db) else { return nil }
            return (try key.record(), try DirectoryState.current(db).revision)
        }
    }

    package func changes(since known: Int64) async throws -> DirectoryChanges {
        try database.checkIsInPlace()
        return try await database.read { db in
            try db.checkSchema()
            let state = try DirectoryState.current(db)
            guard state.revision != known else {
                return DirectoryChanges(revision: known, keys: [], isPaused: state.isPaused)
            }
            let ids: [String] = try db.values("SELECT id AS value FROM keys WHERE version > ?", [known])
            return DirectoryChanges(
                revision: state.revision,
                keys: ids.compactMap { KeyID($0) },
                isPaused: state.isPaused
            )
        }
    }
}

/// A key and its vends on one day, to predict the server's decision.
package struct KeyStanding: Sendable {
    package let key: StoredKey
    /// Vends on the requested day.
    package let used: Int
}
