package import BursarFoundation
import BursarModel
import GRDB
import SystemPackage
import Vending

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A summary of the directory and the records for `admin doctor`.
package struct StoreHealth: Sendable {
    /// Active keys that were not rotated and end within the requested time, by themselves or with their researcher's
    /// stay, soonest first.
    package let expiring: [KeyMoment]
    /// Keys of active researchers that expired lately and were neither revoked nor rotated, latest first.
    package let expired: [KeyMoment]
    /// The number of active keys without any use for the requested time, and one of them.
    package let unused: (count: Int, example: KeyMoment?)
    /// The last use of a canary on record, or among the counts of the requested time.
    package let canary: KeyMoment?
    package let lastRecord: Date?
    /// Vends per day, over the last 30 whole days.
    package let vendsPerDay: Double
}

/// A key with its researcher and the time of an event.
package struct KeyMoment: Sendable {
    package let key: String
    package let researcher: String
    package let date: Date
    /// True if the event is the end of the researcher's stay.
    package let isEndOfStay: Bool
}

extension Store {
    /// Summarises the state at `date`.
    ///
    /// `ahead` is the time that counts as soon and as lately; a key without any use for `idle` counts as unused.
    package func health(at date: Date, ahead: TimeInterval, idle: TimeInterval) throws -> StoreHealth {
        let (now, late) = (date.milliseconds, (date - ahead).milliseconds)
        let (active, expired) = (KeyStatus.sql([.active], at: date), KeyStatus.sql([.expired], at: date))
        return try read { db in
            // Times are written into the text: each condition uses others of them.
            func moments(_ time: String, _ condition: String) throws -> [KeyMoment] {
                let sql = """
                    SELECT id AS key, researcher, \(time) AS moment, \(time) IS ends_at AS is_end_of_stay
                    FROM keys JOIN researchers ON handle = researcher LEFT JOIN usage_keys ON key_id = id
                    WHERE purpose = 'research' AND \(condition) ORDER BY moment, id
                    """
                return try Row.fetchAll(db, sql: sql).map(KeyMoment.init)
            }
            let used = "coalesce(last_at, keys.created_at)"
            let unused = try moments(used, "\(active) AND \(used) < \((date - idle).milliseconds)")
            let end = "min(expires_at, coalesce(ends_at, expires_at))"
            let soon = (date + ahead).milliseconds
            return StoreHealth(
                expiring: try moments(end, "\(active) AND replaced_by IS NULL AND \(end) <= \(soon)"),
                expired: try moments(
                    "expires_at",
                    """
                    \(expired) AND expires_at > \(late) AND replaced_by IS NULL AND disabled_at IS NULL
                        AND (ends_at IS NULL OR ends_at > \(now))
                    """
                ).reversed(),
                unused: (unused.count, unused.first),
                canary: try Self.lastCanaryUse(db, since: UTCDay(containing: date - ahead)),
                lastRecord: try Int64.fetchOne(
                    db,
                    sql: "SELECT occurred_at FROM records ORDER BY sequence DESC LIMIT 1"
                ).map(Date.init(milliseconds:)),
                vendsPerDay: try Self.vendsPerDay(db, at: date)
            )
        }
    }

    /// Finds the last use of a canary.
    ///
    /// The chain records the first use per hour and network; the counts since `day` include every use.
    private static func lastCanaryUse(_ db: Database, since day: UTCDay) throws -> KeyMoment? {
        let recorded = """
            SELECT key_id AS key, researcher, occurred_at AS moment, 0 AS is_end_of_stay FROM records
            WHERE kind NOT IN ('vend', 'refusal') AND kind = 'canary_used' ORDER BY sequence DESC LIMIT 1
            """
        let counted = """
            SELECT key_id AS key, researcher, last_at AS moment, 0 AS is_end_of_stay FROM usage_daily JOIN keys ON id = key_id
            WHERE day >= ? AND outcome = ? ORDER BY last_at DESC LIMIT 1
            """
        let uses = [
            try Row.fetchOne(db, sql: recorded).map(KeyMoment.init),
            try Row.fetchOne(db, sql: counted, arguments: [day.number, UsageCounter.canaryUsed]).map(KeyMoment.init),
        ]
        return uses.compactMap(\.self).max { $0.date < $1.date }
    }

    private static func vendsPerDay(_ db: Database, at date: Date) throws -> Double {
        let today = UTCDay(containing: date).number
        let sql = "SELECT sum(count) FROM usage_totals WHERE outcome = 'vended' AND day BETWEEN ? AND ?"
        return Double(try Int64.fetchOne(db, sql: sql, arguments: [today - 30, today - 1]) ?? 0) / 30
    }

    /// Bytes that are free for the database; nil if the system doesn't report them.
    package var freeBytes: Int64? {
        var disk = statvfs()
        guard statvfs(path, &disk) == 0 else { return nil }
        return Int64(
            clamping: UInt64(disk.f_bavail).multipliedReportingOverflow(by: UInt64(disk.f_frsize)).partialValue
        )
    }
}

extension KeyMoment {
    fileprivate init(_ row: Row) {
        key = row["key"] ?? ""
        researcher = row["researcher"] ?? ""
        date = row.date("moment")
        isEndOfStay = row["is_end_of_stay"]
    }
}

/// A consistent snapshot of a database's size, counts and chain head.
package struct DatabaseFacts: Sendable {
    /// Bytes of the file.
    package let size: Int64
    /// Bytes of the write-ahead log beside it.
    package let logSize: Int64
    /// The number of the last migration.
    package let schema: String
    package let revision: Int64
    package let pausedSince: Date?
    /// The number of records, without `pruned` and older ones.
    package let records: Int64
    package let pruned: Int64
    package let first: Date?
    package let last: Date?
    package let head: ChainHead
    package let vends: Int64
    package let researchers: Int
    package let disabledResearchers: Int
    package let keys: Int
    /// Keys of researchers that work; a canary never does.
    package let activeKeys: Int
    package let lastBackup: Date?
}

/// The chain's last record, its hash as 64 hexadecimal digits.
package struct ChainHead: Sendable {
    package let sequence: Int64
    package let hash: String
}

extension Store {
    /// Reads the facts.
    ///
    /// No figure is counted by reading records, so the time does not depend on their number.
    package func facts(at date: Date) throws -> DatabaseFacts {
        let size = (try? FilePath(path).stat().size).map { Int64($0) } ?? 0
        let (head, log) = (try chainHead(), logSize)
        return try read { db in
            // One by one: for both at once, SQLite would read every record.
            let lowest = try Int64.fetchOne(db, sql: "SELECT min(sequence) FROM records")
            let highest = try Int64.fetchOne(db, sql: "SELECT max(sequence) FROM records")
            func number(_ sql: String) throws -> Int64 { try Int64.fetchOne(db, sql: sql) ?? 0 }
            func time(_ sequence: Int64?) throws -> Date? {
                let sql = "SELECT occurred_at FROM records WHERE sequence = ?"
                return try Int64.fetchOne(db, sql: sql, arguments: [sequence]).map(Date.init(milliseconds:))
            }
            let migrations = try String.fetchAll(db, sql: "SELECT identifier FROM grdb_migrations")
            let state = try DirectoryState.current(db)
            return DatabaseFacts(
                size: size,
                logSize: log,
                schema: migrations.compactMap { $0.split(separator: ":").first }.max().map(String.init) ?? "0",
                revision: state.revision,
                pausedSince: state.paused.map(Date.init(milliseconds:)),
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
                keys: try Self.countKeys(db),
                activeKeys: try Self.countKeys(where: KeyStatus.sql([.active], at: date), db),
                lastBackup: try Self.lastBackup(db)
            )
        }
    }

    private static func countKeys(where condition: String = "1", _ db: Database) throws -> Int {
        let sql = """
            SELECT count(*) FROM keys JOIN researchers ON handle = researcher
            WHERE purpose = 'research' AND \(condition)
            """
        return try Int.fetchOne(db, sql: sql) ?? 0
    }

    /// The time at which the last finished backup began.
    static func lastBackup(_ db: Database) throws -> Date? {
        let sql = """
            SELECT occurred_at FROM records
            WHERE kind NOT IN ('vend', 'refusal') AND kind = 'database_backed_up' AND detail IS NULL
            ORDER BY sequence DESC LIMIT 1
            """
        return try Int64.fetchOne(db, sql: sql).map(Date.init(milliseconds:))
    }
}
