/// Researchers, keys, the chain of records and their roll-ups, in one role per kind of caller.
///
/// Each role is a view of the same database and holds nothing; a function takes the one that it needs. Acts on the file
/// itself, as backups, are the engine's.
package struct Store: Sendable {
    package let database: any Database

    package init(_ database: any Database) {
        self.database = database
    }

    /// Keys, for vends.
    package var directory: StoredDirectory { StoredDirectory(database) }
    /// The server's own books: refusals, and the months that are over.
    package var ledger: Ledger { Ledger(database) }
    /// Operators' changes, each with its record.
    package var administration: Administration { Administration(database) }
    /// Keys, researchers and sessions as they are now.
    package var lists: Lists { Lists(database) }
    /// Figures of use.
    package var reports: UsageReports { UsageReports(database) }
    /// The chain of records: listed, checked, compared and exported.
    package var audit: AuditTrail { AuditTrail(database) }
    /// Prices, and the names of models in price lists.
    package var prices: StoredPrices { StoredPrices(database) }
    /// The cost of calls.
    package var spend: SpendReports { SpendReports(database) }
    /// Facts, checks, pruning and reconciliation.
    package var upkeep: Upkeep { Upkeep(database) }
}

/// Operators' changes of researchers, keys and sessions.
///
/// Each is one transaction with its record in the chain. Running servers follow within a second, commits at once.
package struct Administration: Sendable {
    let database: any Database

    package init(_ database: any Database) {
        self.database = database
    }
}

/// Researchers, keys and sessions as they are at one moment.
package struct Lists: Sendable {
    let database: any Database

    package init(_ database: any Database) {
        self.database = database
    }
}

/// Figures of use, from roll-ups and from records.
package struct UsageReports: Sendable {
    let database: any Database

    package init(_ database: any Database) {
        self.database = database
    }
}

/// The chain of records: read, checked, compared and exported.
package struct AuditTrail: Sendable {
    let database: any Database

    package init(_ database: any Database) {
        self.database = database
    }
}

/// Facts about a database, and what is done to it now and then: checks, pruning, reconciliation.
package struct Upkeep: Sendable {
    let database: any Database

    package init(_ database: any Database) {
        self.database = database
    }
}
