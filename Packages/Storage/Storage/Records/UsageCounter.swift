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
    /// What vends are counted by.
    struct Place: Hashable {
        let key: KeyID
        let network: CIDRBlock
    }

    static let vended = "vended"
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

    func addVends(_ counts: [Place: Int]) throws {
        var byKey: [KeyID: Int] = [:]
        for (place, count) in counts {
            byKey[place.key, default: 0] += count
            try add(count, to: place)
        }
        for (key, count) in byKey { try add(count, outcome: Self.vended, key: key.description) }
    }

    /// Counts `count` more; `key` is empty for ids that no key has.
    func add(_ count: Int, outcome: String, key: String) throws {
        let statement = try db.cachedStatement(
            sql: """
                INSERT INTO usage_daily (day, key_id, outcome, count, last_at) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET count = count + excluded.count, last_at = max(last_at, excluded.last_at)
                """
        )
        try statement.execute(arguments: [day.number, key, outcome, count, time])
        guard let summedMonth else { return }
        try db.execute(
            sql: """
                INSERT INTO usage_monthly (month, key_id, outcome, count, last_at) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET count = count + excluded.count, last_at = max(last_at, excluded.last_at)
                """,
            arguments: [summedMonth.number, key, outcome, count, time]
        )
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
            try db.execute(
                sql: """
                    INSERT INTO usage_monthly (month, key_id, outcome, count, last_at)
                    SELECT ?, key_id, outcome, sum(count), max(last_at) FROM usage_daily WHERE day BETWEEN ? AND ?
                    GROUP BY key_id, outcome
                    """,
                arguments: [month.number, month.days.lowerBound.number, month.days.upperBound.number]
            )
        }
    }

    private func add(_ count: Int, to place: Place) throws {
        let update = try db.cachedStatement(
            sql: """
                UPDATE usage_networks SET count = count + ?, last_at = max(last_at, ?)
                WHERE day = ? AND key_id = ? AND network = ?
                """
        )
        let key = place.key.description
        try update.execute(arguments: [count, time, day.number, key, place.network.description])
        guard db.changesCount == 0 else { return }
        let known = try Int.fetchOne(
            db.cachedStatement(sql: "SELECT count(*) FROM usage_networks WHERE day = ? AND key_id = ?"),
            arguments: [day.number, key]
        )
        let name = known ?? 0 < Self.networks ? place.network.description : "other"
        let insert = try db.cachedStatement(
            sql: """
                INSERT INTO usage_networks (day, key_id, network, count, last_at) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET count = count + excluded.count, last_at = max(last_at, excluded.last_at)
                """
        )
        try insert.execute(arguments: [day.number, key, name, count, time])
    }
}
