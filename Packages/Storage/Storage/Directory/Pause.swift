package import BursarFoundation

/// The one row that every commit and every poll of a running server reads.
struct DirectoryState: RowDecodable {
    let revision: Int64
    /// The time at which all vending was stopped; nil while it goes on.
    let paused: Date?

    var isPaused: Bool { paused != nil }

    init(_ row: ResultRow) throws {
        revision = try row["value"]
        paused = try row["paused_at"]
    }

    static func current(_ db: any Transaction) throws -> DirectoryState {
        try announced(db).get()
    }

    static func announced(_ db: any Transaction) -> Announced<DirectoryState> {
        let row: Announced<DirectoryState?> = db.announceFirst("SELECT value, paused_at FROM revision")
        return Announced {
            guard let state = try row.get() else {
                throw StoreError.unavailable(cause: "the revision row is missing")
            }
            return state
        }
    }
}

extension Lists {
    /// The time at which all vending was stopped; nil while it goes on.
    package func pausedSince() throws -> Date? {
        try database.read { db in try DirectoryState.current(db).paused }
    }
}

extension Administration {
    /// Stops all vending and records it; running servers follow within a second, commits at once.
    ///
    /// - Returns: false if it was stopped already.
    package func pause(by act: AuditContext) throws -> Bool {
        try setPaused(at: act.date, by: act)
    }

    /// Resumes vending and records it.
    ///
    /// - Returns: false if it wasn't stopped.
    package func resume(by act: AuditContext) throws -> Bool {
        try setPaused(at: nil, by: act)
    }

    private func setPaused(at date: Date?, by act: AuditContext) throws -> Bool {
        try database.write { db in
            guard try DirectoryState.current(db).isPaused != (date != nil) else { return false }
            try DirectoryWriter(db, by: act).setPaused(at: date)
            return true
        }
    }
}
