package import BursarFoundation
import BursarModel
import GRDB

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What a look at the directory and the records says about how things are going.
package struct Health: Sendable {
    /// Active keys that were not rotated and end within the time asked about, with their researcher's stay or by
    /// themselves, soonest first.
    package let expiring: [KeyMoment]
    /// Keys that ended lately and were neither revoked nor rotated, of researchers who may have another, latest first.
    package let expired: [KeyMoment]
    /// How many active keys were not used for the time asked about, and one of them.
    package let unused: (count: Int, example: KeyMoment?)
    /// The last time that somebody presented a canary, of those that are looked at.
    package let canary: KeyMoment?
    package let lastRecord: Date?
    /// Vends per day, over the last 30 whole days.
    package let vendsPerDay: Double
}

/// A key, whose it is, and when it did what was asked about.
package struct KeyMoment: Sendable {
    package let key: String
    package let researcher: String
    package let date: Date
    /// Whether that was, or will be, the end of the researcher's stay.
    package let isEndOfStay: Bool
}

extension Store {
    /// How things are going at `date`: `ahead` is what counts as soon and as lately, and a key that had no use for
    /// `idle` counts as unused.
    package func health(at date: Date, ahead: TimeInterval, idle: TimeInterval) throws -> Health {
        let times: StatementArguments = [
            "now": date.milliseconds, "soon": (date + ahead).milliseconds, "late": (date - ahead).milliseconds,
            "idle": (date - idle).milliseconds,
        ]
        return try read { db in
            func moments(_ time: String, _ condition: String) throws -> [KeyMoment] {
                let sql = """
                    SELECT id, researcher, \(time) AS moment, \(time) IS ends_at FROM keys JOIN researchers ON handle = researcher
                    LEFT JOIN usage_keys ON key_id = id
                    WHERE :now + :soon + :late + :idle > 0 AND purpose = 'research' AND canary = 0 AND \(condition)
                    ORDER BY moment, id
                    """
                return try Row.fetchAll(db, sql: sql, arguments: times).map(KeyMoment.init)
            }
            let used = "coalesce(last_at, keys.created_at)"
            let unused = try moments(used, "\(Self.isActive) AND \(used) < :idle")
            let end = "min(expires_at, coalesce(ends_at, expires_at))"
            return Health(
                expiring: try moments(end, "\(Self.isActive) AND replaced_by IS NULL AND \(end) <= :soon"),
                expired: try moments(
                    "expires_at",
                    """
                    revoked_at IS NULL AND replaced_by IS NULL AND disabled_at IS NULL
                        AND (ends_at IS NULL OR ends_at > :now) AND expires_at <= :now AND expires_at > :late
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

    /// The record has the first of an hour and place; the counts since `day` have each, also where none is on record.
    private static func lastCanaryUse(_ db: Database, since day: UTCDay) throws -> KeyMoment? {
        let recorded = """
            SELECT key_id, researcher, occurred_at, 0 FROM records
            WHERE kind NOT IN ('vend', 'refusal') AND kind = 'canary_used' ORDER BY sequence DESC LIMIT 1
            """
        let counted = """
            SELECT key_id, researcher, last_at, 0 FROM usage_daily JOIN keys ON id = key_id
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

    /// Bytes that are free for the database; nil where the system doesn't say.
    package var freeBytes: Int64? {
        var disk = statvfs()
        guard statvfs(path, &disk) == 0 else { return nil }
        return Int64(
            clamping: UInt64(disk.f_bavail).multipliedReportingOverflow(by: UInt64(disk.f_frsize)).partialValue
        )
    }
}

extension KeyMoment {
    /// A row of id, researcher, time, and whether a stay ends then.
    fileprivate init(_ row: Row) {
        key = row[0] ?? ""
        researcher = row[1] ?? ""
        date = Date(milliseconds: row[2])
        isEndOfStay = row[3]
    }
}
