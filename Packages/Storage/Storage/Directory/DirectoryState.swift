import GRDB

/// The one row that every commit and every look of a running server reads.
struct DirectoryState {
    let revision: Int64
    let isPaused: Bool

    static func current(_ db: Database) throws -> DirectoryState {
        let statement = try db.cachedStatement(sql: "SELECT value, paused_at IS NOT NULL FROM revision")
        guard let row = try Row.fetchOne(statement) else {
            throw StoreError.unavailable(cause: "the revision row is missing")
        }
        return DirectoryState(revision: row[0], isPaused: row[1])
    }
}
