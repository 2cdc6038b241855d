import BursarFoundation
import GRDB

/// Looks for what contradicts itself in a database, each question on its own.
package enum DatabaseCheck: CaseIterable, Sendable {
    case schema
    case pages
    case references
    case chain
    case rollUps

    /// Every page and index, as SQLite checks them.
    static func firstPageFlaw(_ db: Database) throws -> String? {
        let word = try String.fetchOne(db, sql: "PRAGMA integrity_check(1)")
        return word == "ok" ? nil : word ?? "no answer"
    }

    static func firstDanglingReference(_ db: Database) throws -> String? {
        guard let row = try Row.fetchOne(db, sql: "PRAGMA foreign_key_check") else { return nil }
        let (table, parent): (String, String) = (row[0], row[2])
        return "a row of \(table) refers to one of \(parent) that isn't there"
    }
}

extension Store {
    /// The first flaw that a check finds; nil when it finds none.
    ///
    /// Reading only, and from one state of the database: a server may write meanwhile.
    package func firstFlaw(_ check: DatabaseCheck) throws -> String? {
        do {
            switch check {
            case .schema: return try read(Schema.difference)
            case .pages: return try read(DatabaseCheck.firstPageFlaw)
            case .references: return try read(DatabaseCheck.firstDanglingReference)
            case .chain:
                guard let broken = try firstBrokenRecord() else { return nil }
                return try read { db in try Chain.pruned(db).sequence } == broken
                    ? "records up to \(broken) are gone, and no action on record says that they were pruned"
                    : "record \(broken) doesn't follow from those before it"
            case .rollUps: return try read(RollUpCheck.firstFlaw)
            }
        } catch StoreError.notOurs {
            return "a page can't be read"
        }
    }
}
