package import BursarFoundation
import GRDB

/// The one row that every commit and every poll of a running server reads.
struct DirectoryState {
    let revision: Int64
    /// The time at which all vending was stopped; nil while it goes on.
    let paused: Int64?

    var isPaused: Bool { paused != nil }

    static func current(_ db: Database) throws -> DirectoryState {
        let statement = try db.cachedStatement(sql: "SELECT value, paused_at FROM revision")
        guard let row = try Row.fetchOne(statement) else {
            throw StoreError.unavailable(cause: "the revision row is missing")
        }
        return DirectoryState(revision: row["value"], paused: row["paused_at"])
    }
}

extension Store {
    /// The time at which all vending was stopped; nil while it goes on.
    package func pausedSince() throws -> Date? {
        try read { db in try DirectoryState.current(db).paused.map(Date.init(milliseconds:)) }
    }

    /// Stops all vending and records it; running servers follow within a second, commits at once.
    ///
    /// - Returns: false if it was stopped already.
    package func pause(by act: AuditContext) throws -> Bool {
        try setPaused(at: act.date.milliseconds, by: act)
    }

    /// Resumes vending and records it.
    ///
    /// - Returns: false if it wasn't stopped.
    package func resume(by act: AuditContext) throws -> Bool {
        try setPaused(at: nil, by: act)
    }

    private func setPaused(at date: Int64?, by act: AuditContext) throws -> Bool {
        try write { db in
            guard try DirectoryState.current(db).isPaused != (date != nil) else { return false }
            try DirectoryWriter(db, by: act).setPaused(at: date)
            return true
        }
    }
}
