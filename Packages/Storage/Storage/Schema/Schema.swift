import GRDB

/// The tables, as migrations: appended, never edited.
///
/// Times are UTC milliseconds since 1970, days are whole UTC days since 1970. What must always hold is held here, by
/// constraints and triggers, so that no program can forget it.
enum Schema {
    /// "Burs" in ASCII: tells our files from any other SQLite database.
    static let applicationID: Int32 = 0x4275_7273

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1: researchers, keys, records, usage") { db in
            try db.execute(sql: "PRAGMA application_id = \(applicationID)")
            for sql in Schema1.sql { try db.execute(sql: sql) }
        }
        migrator.registerMigration("2: terms, pause, refusals, months and networks") { db in
            for sql in Schema2.sql { try db.execute(sql: sql) }
        }
        migrator.registerMigration("3: sponsors, canaries, last use, totals, pruning") { db in
            for sql in Schema3.sql { try db.execute(sql: sql) }
        }
        return migrator
    }
}
