package import BursarFoundation
import GRDB
import SystemPackage

/// What there is in a database, at one moment.
package struct DatabaseFacts: Sendable {
    /// Bytes of the file.
    package let size: Int64
    /// Bytes of the write-ahead log beside it.
    package let logSize: Int64
    /// The number of the last migration.
    package let schema: String
    package let revision: Int64
    package let pausedSince: Date?
    /// Records that are there: `pruned` and older ones are gone.
    package let records: Int64
    package let pruned: Int64
    package let first: Date?
    package let last: Date?
    package let head: ChainHead
    package let vends: Int64
    package let researchers: Int
    package let disabledResearchers: Int
    package let keys: Int
    /// Neither revoked nor expired, of a researcher who may use them.
    package let activeKeys: Int
    package let lastBackup: Date?
}

/// The chain's last record, its hash as 64 hexadecimal digits.
package struct ChainHead: Sendable {
    package let sequence: Int64
    package let hash: String
}

extension Store {
    /// Nothing of it is counted by reading records, so it takes as long with many as with few.
    package func facts(at date: Date) throws -> DatabaseFacts {
        let size = (try? FilePath(path).stat().size).map { Int64($0) } ?? 0
        let (head, log) = (try chainHead(), logSize)
        return try read { db in
            // One by one: asked for both at once, SQLite reads every record.
            let lowest = try Int64.fetchOne(db, sql: "SELECT min(sequence) FROM records")
            let highest = try Int64.fetchOne(db, sql: "SELECT max(sequence) FROM records")
            func number(_ sql: String) throws -> Int64 { try Int64.fetchOne(db, sql: sql) ?? 0 }
            func time(_ sequence: Int64?) throws -> Date? {
                let sql = "SELECT occurred_at FROM records WHERE sequence = ?"
                return try Int64.fetchOne(db, sql: sql, arguments: [sequence]).map(Date.init(milliseconds:))
            }
            let migrations = try String.fetchAll(db, sql: "SELECT identifier FROM grdb_migrations")
            return DatabaseFacts(
                size: size,
                logSize: log,
                schema: migrations.compactMap { $0.split(separator: ":").first }.max().map(String.init) ?? "0",
                revision: try number("SELECT value FROM revision"),
                pausedSince: try Int64.fetchOne(db, sql: "SELECT paused_at FROM revision")
                    .map(Date.init(milliseconds:)),
                records: lowest.flatMap { low in highest.map { $0 - low + 1 } } ?? 0,
                pruned: try Chain.pruned(db).sequence,
                first: try time(lowest),
                last: try time(highest),
                head: ChainHead(sequence: head.sequence, hash: head.hash),
                vends: try number("SELECT sum(count) FROM usage_totals WHERE outcome = 'vended'"),
                researchers: Int(try number("SELECT count(*) FROM researchers WHERE purpose = 'research'")),
                disabledResearchers: Int(
                    try number(
                        "SELECT count(*) FROM researchers WHERE purpose = 'research' AND disabled_at IS NOT NULL"
                    )
                ),
                keys: try Self.research("count(*)", "1", at: date, db),
                activeKeys: try Self.research("count(*)", Self.isActive, at: date, db),
                lastBackup: try Self.lastBackup(db)
            )
        }
    }

    /// Of keys joined with their researchers, with `:now`.
    static let isActive = """
        revoked_at IS NULL AND expires_at > :now AND disabled_at IS NULL AND (ends_at IS NULL OR ends_at > :now)
        """

    private static func research(_ what: String, _ condition: String, at date: Date, _ db: Database) throws -> Int {
        let sql = """
            SELECT \(what) FROM keys JOIN researchers ON handle = researcher
            WHERE purpose = 'research' AND :now = :now AND \(condition)
            """
        return try Int.fetchOne(db, sql: sql, arguments: ["now": date.milliseconds]) ?? 0
    }

    /// When the last backup that was finished was begun.
    static func lastBackup(_ db: Database) throws -> Date? {
        let sql = """
            SELECT occurred_at FROM records
            WHERE kind NOT IN ('vend', 'refusal') AND kind = 'database_backed_up' AND detail IS NULL
            ORDER BY sequence DESC LIMIT 1
            """
        return try Int64.fetchOne(db, sql: sql).map(Date.init(milliseconds:))
    }
}
