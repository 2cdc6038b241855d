import GRDB
import Storage
import Synchronization

/// The schema as migrations, which are appended and never edited.
///
/// Times are UTC milliseconds since 1970, days are whole UTC days since 1970. Constraints and triggers enforce the
/// invariants here, so that no program can forget one.
enum Schema {
    /// One version of the schema.
    struct Version: Sendable {
        let name: String
        let sql: [String]
        /// The ``StoredSchema/digest`` of a database of this version.
        let digest: String
    }

    /// "Burs" in ASCII, which distinguishes Bursar's files from any other SQLite database.
    static let applicationID: Int32 = 0x4275_7273

    static let versions = [
        Version(
            name: "1: researchers, keys, records, usage",
            sql: ["PRAGMA application_id = \(applicationID)"] + Schema1.sql,
            digest: "659f2916610c81296dae718b62ecd99e2d443b089ce17731ad50389d6b37a166"
        ),
        Version(
            name: "2: terms, pause, refusals, months and networks",
            sql: Schema2.sql,
            digest: "77b3452d213f4c00f0cc55ec59fb277042ec66d9990ef74def79215208dcf7da"
        ),
        Version(
            name: "3: sponsors, canaries, last use, totals, pruning",
            sql: Schema3.sql,
            digest: "72a4af60ebf4a9b3339cc042f66e26c83c1bcf55273de668190030db82dcbb61"
        ),
        Version(
            name: "4: handles in lower case",
            sql: Schema4.sql,
            digest: "c7c787e007e055868929f2d42f15e8f04db964155494cd9c442511c7efaa3874"
        ),
        Version(
            name: "5: projects of keys, with their history",
            sql: Schema5.sql,
            digest: "55fdd792f7fd2ccb6b05811dae4655835893ac6e18f0fb21c209e16554ac469b"
        ),
        Version(
            name: "6: what calls cost",
            sql: Schema6.sql,
            digest: "0509be87b33ed3ee0f182509d28dc9f16aa67a859734a0646a41f47f3abdf10c"
        ),
    ]

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        for version in versions {
            migrator.registerMigration(version.name) { db in
                for sql in version.sql { try db.execute(sql: sql) }
            }
        }
        return migrator
    }
}

/// A cache of the schema state that was last verified, so that the next check reads one number.
final class SchemaPoller: Sendable {
    private struct Checked {
        var count: Int64?
        var text: String?
    }

    private let path: String
    private let checked = Mutex(Checked())

    init(path: String) {
        self.path = path
    }

    /// Checks the schema; to be called in each transaction that writes.
    ///
    /// SQLite counts every statement that changes a schema, and a connection uses the schema that it read under the same
    /// count.
    ///
    /// - Throws: ``StoreError/altered(path:change:)``.
    func check(_ db: GRDB.Database) throws {
        let count = try Int64.fetchOne(db.cachedStatement(sql: "PRAGMA schema_version"))
        guard count != checked.withLock({ $0.count }) else { return }
        try Schema.check(db, path: path)
        checked.withLock { $0.count = count }
    }

    /// Checks the schema's text, for edits that bypass the count, which the next connection would use.
    ///
    /// Fields are quoted, so that no two schemas have the same text.
    func checkText(_ db: GRDB.Database) throws {
        let sql = """
            SELECT group_concat(object) FROM (
                SELECT quote(type) || quote(name) || quote(tbl_name) || quote(sql) AS object
                FROM sqlite_master ORDER BY object
            )
            """
        let text = try String.fetchOne(db.cachedStatement(sql: sql))
        guard text != checked.withLock({ $0.text }) else { return }
        try Schema.check(db, path: path)
        checked.withLock { $0.text = text }
    }
}
