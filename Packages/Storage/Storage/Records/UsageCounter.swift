import BursarCore
import GRDB
import Vending

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The roll-ups of one day, kept in the transaction that appends what they count.
///
/// Months are summed up once they are over; the current one is the sum of its days.
struct UsageCounter {
    static let vended = "vended"
    static let canaryUsed = "canary_used"
    /// Networks that are told apart per key and day; the rest are `other`.
    private static let networks = 50

    let day: UTCDay
    private let db: Database
    private let time: Int64
    /// The day's month, when its sum exists already: a late refusal, or a clock that was set back.
    private let summedMonth: UTCMonth?

    init(_ db: Database, at date: Date) throws {
        self.db = db
        day = UTCDay(containing: date)
        time = date.milliseconds
        let month = UTCMonth(containing: day)
        let statement = try db.cachedStatement(sql: "SELECT 1 FROM usage_monthly WHERE month = ? LIMIT 1")
        summedMonth = try Int.fetchOne(statement, arguments: [month.number]) == nil ? nil : month
    }

    /// How often a key was vended to on that day.
    func vends(of key: KeyID) throws -> Int {
        let statement = try db.cachedStatement(
            sql: "SELECT count FROM usage_daily WHERE day = ? AND key_id = ? AND outcome = 'vended'"
        )
        return try Int.fetchOne(statement, arguments: [day.number, key.description]) ?? 0
    }

    /// Counts the vends of one commit.
    func add(_ vends: VendTally) throws {
        for (key, share) in vends.shares {
            try count(share.count, outcome: Self.vended, key: key.description)
            try note(share, of: key)
        }
        for (place, count) in vends.places { try add(count, to: place) }
        try total(vends.total, outcome: Self.vended)
    }

    /// Counts refusals; `key` is nil for ids that no key has.
    func addRefusals(_ count: Int, outcome: String, key: KeyID?) throws {
        try self.count(count, outcome: outcome, key: key?.description ?? "")
        guard try key.map(isSelftest) != true else { return }
        try total(count, outcome: outcome)
    }

    private func count(_ count: Int, outcome: String, key: String) throws {
        try add(count, to: "usage_daily", "day", day.number, key, "outcome", outcome)
        guard let summedMonth else { return }
        try add(count, to: "usage_monthly", "month", summedMonth.number, key, "outcome", outcome)
    }

    private func total(_ count: Int, outcome: String) throws {
        guard count > 0 else { return }
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO usage_totals (day, outcome, count, last_at) VALUES (?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET count = count + excluded.count, last_at = max(last_at, excluded.last_at)
                """
        )
        try statement.execute(arguments: [day.number, outcome, count, time])
    }

    /// Notes what a key was last used for.
    private func note(_ share: VendTally.Share, of key: KeyID) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO usage_keys (key_id, vends, first_at, last_at, last_sequence, live_until)
                VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET vends = vends + excluded.vends, last_at = max(last_at, excluded.last_at),
                    last_sequence = excluded.last_sequence, live_until = max(live_until, excluded.live_until)
                """
        )
        try statement.execute(arguments: [key.description, share.count, time, time, share.sequence, share.liveUntil])
    }

    private func isSelftest(_ key: KeyID) throws -> Bool {
        let statement = try db.cachedStatement(
            sql: """
                SELECT purpose <> 'research' FROM researchers
                WHERE handle = (SELECT researcher FROM keys WHERE id = ?)
                """
        )
        return try Bool.fetchOne(statement, arguments: [key.description]) ?? false
    }

    /// Adds to one row of a roll-up by key.
    private func add(
        _ count: Int,
        to table: String,
        _ spanName: String,
        _ span: Int64,
        _ key: String,
        _ columnName: String,
        _ column: String
    ) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO \(table) (\(spanName), key_id, \(columnName), count, last_at) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET count = count + excluded.count, last_at = max(last_at, excluded.last_at)
                """
        )
        try statement.execute(arguments: [span, key, column, count, time])
    }

    /// Months that are over, and have days but no sum.
    func monthsToSumUp() throws -> [UTCMonth] {
        guard let first = try Int64.fetchOne(db, sql: "SELECT min(day) FROM usage_daily") else { return [] }
        let (begin, end) = (UTCMonth(containing: UTCDay(number: first)).number, UTCMonth(containing: day).number)
        let statement = try db.cachedStatement(
            sql: """
                SELECT EXISTS (SELECT 1 FROM usage_daily WHERE day BETWEEN ? AND ?)
                    AND NOT EXISTS (SELECT 1 FROM usage_monthly WHERE month = ?)
                """
        )
        return try (min(begin, end)..<end).map(UTCMonth.init(number:)).filter { month in
            let days = month.days
            let arguments: StatementArguments = [days.lowerBound.number, days.upperBound.number, month.number]
            return try Bool.fetchOne(statement, arguments: arguments) == true
        }
    }

    func sumUpMonths() throws {
        for month in try monthsToSumUp() {
            let days: StatementArguments = [
                month.number, month.days.lowerBound.number, month.days.upperBound.number,
            ]
            for (sums, rows, column) in [
                ("usage_monthly", "usage_daily", "outcome"), ("usage_networks_monthly", "usage_networks", "network"),
            ] {
                try db.execute(
                    sql: """
                        INSERT INTO \(sums) (month, key_id, \(column), count, last_at)
                        SELECT ?, key_id, \(column), sum(count), max(last_at) FROM \(rows) WHERE day BETWEEN ? AND ?
                        GROUP BY key_id, \(column)
                        """,
                    arguments: days
                )
            }
        }
    }

    private func add(_ count: Int, to place: VendTally.Place) throws {
        let key = place.key.description
        let network = try isRoom(for: place) ? place.network.description : "other"
        try add(count, to: "usage_networks", "day", day.number, key, "network", network)
        guard let summedMonth else { return }
        try add(count, to: "usage_networks_monthly", "month", summedMonth.number, key, "network", network)
    }

    /// Whether a network is told apart on its own: it is already, or there is room for one more.
    private func isRoom(for place: VendTally.Place) throws -> Bool {
        let key = place.key.description
        let known = try db.cachedStatement(
            sql: "SELECT 1 FROM usage_networks WHERE day = ? AND key_id = ? AND network = ?"
        )
        if try Int.fetchOne(known, arguments: [day.number, key, place.network.description]) != nil { return true }
        let count = try db.cachedStatement(sql: "SELECT count(*) FROM usage_networks WHERE day = ? AND key_id = ?")
        return try Int.fetchOne(count, arguments: [day.number, key]) ?? 0 < Self.networks
    }
}
