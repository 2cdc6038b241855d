package import BursarFoundation
package import BursarModel

/// What became of a backup that was restored.
package struct Restoration: Sendable {
    /// The number of the backup's last record, and when that was.
    package let sequence: Int64
    package let last: Date?
    /// Keys that work in the backup and no longer, or shouldn't, and those that it doesn't have.
    package let keys: [RestoredKey]
    /// Researchers that only the database has which it was compared with.
    package let missingResearchers: [String]
    /// Active keys that go on as they did.
    package let unchanged: Int
}

/// A key of which a backup doesn't know all.
package struct RestoredKey: Sendable {
    package enum RestoreWarning: String, Sendable {
        /// Nothing tells what happened to it since.
        case notCompared = "unknown since the backup"
        case revoked = "revoked since"
        /// Its researcher was disabled since.
        case disabled = "disabled since"
        case missing = "not in the other database"
        case changed = "changed since"
        /// It is as it was, and another of the same researcher's isn't.
        case shared = "another key of theirs is in doubt"
        /// It is in the other database only.
        case issued = "issued since"
    }

    /// What it is in the restored database.
    package enum Outcome: String, Sendable {
        case revoked
        /// Its researcher is.
        case disabled
        case active
        case missing
    }

    package let id: KeyID
    package let researcher: String
    package let label: String?
    package let doubt: RestoreWarning
    package let outcome: Outcome
}
