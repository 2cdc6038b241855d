package import BursarFoundation
import GRDB

extension Store {
    /// When all vending was stopped; nil while it goes on.
    package func pausedSince() throws -> Date? {
        try read { db in
            try Int64.fetchOne(db, sql: "SELECT paused_at FROM revision").map(Date.init(milliseconds:))
        }
    }

    /// Stops all vending, and records it; running servers obey within a second, commits at once.
    ///
    /// - Returns: false when it was stopped already.
    package func pause(by act: AuditContext) throws -> Bool {
        try switchVending(to: act.date.milliseconds, .vendingPaused, act)
    }

    /// Lets vending go on, and records it.
    ///
    /// - Returns: false when it wasn't stopped.
    package func resume(by act: AuditContext) throws -> Bool {
        try switchVending(to: nil, .vendingResumed, act)
    }

    private func switchVending(to pausedAt: Int64?, _ kind: RecordEntry.Kind, _ act: AuditContext) throws -> Bool {
        try write { db in
            guard try DirectoryState.current(db).isPaused != (pausedAt != nil) else { return false }
            try db.changeDirectory("UPDATE revision SET paused_at = ?", [pausedAt])
            try act.record(kind, in: db)
            return true
        }
    }
}
