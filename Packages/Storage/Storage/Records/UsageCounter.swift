import BursarFoundation
import BursarModel
import Vending

/// The roll-ups of one day, updated in the transaction that appends the records they count.
///
/// Months are summed up once they are over; the current month is the sum of its days.
struct UsageCounter {
    static let vended = "vended"
    static let canaryUsed = "canary_used"

    let day: UTCDay
    let db: any Transaction
    private var time: Int64
    /// True if the day's month has its sum already: after a late refusal, or if a clock was set back.
    private let isMonthSummed: Announced<Bool>

    init(_ db: any Transaction, at date: Date) {
        self.db = db
        day = UTCDay(containing: date)
        time = date.milliseconds
        let month = UTCMonth(containing: day)
        isMonthSummed = db.announceExistence(
            "SELECT 1 AS value FROM usage_monthly WHERE month = ? LIMIT 1",
            [month.number]
        )
    }

    /// Counts at `date` from now on; returns false if that lies on another day, and changes nothing then.
    mutating func move(to date: Date) -> Bool {
        guard UTCDay(containing: date) == day else { return false }
        time = date.milliseconds
        return true
    }

    /// The vends of a key on a day.
    static func vends(of key: KeyID, on day: UTCDay, _ db: any Transaction) throws -> Int {
        try vends(of: [key], on: day, db).get()[key.description] ?? 0
    }

    /// Announces the query for the vends on a day of those `keys` that have any.
    static func vends(of keys: Set<KeyID>, on day: UTCDay, _ db: any Transaction) -> Announced<[String: Int]> {
        KeyList(keys).announceValues(db, [day.number]) { isListed in
            "SELECT key_id, count AS value FROM usage_daily WHERE day = ? AND outcome = 'vended' AND \(isListed)"
        }
    }

    /// Counts the vends of one commit, whose networks have the names `networks`.
    func add(_ vends: VendTally, _ networks: [(key: String, name: String, count: Int)]) throws {
        try add(vends.shares.map { ($0.description, Self.vended, $1.count) }, to: .outcomes)
        try note(vends.shares)
        try add(networks, to: .networks)
        try total(vends.total, outcome: Self.vended)
    }

    /// Counts refusals; `key` is nil for ids that belong to no key.
    func addRefusals(_ count: Int, outcome: String, key: KeyID?) throws {
        try add([(key?.description ?? "", outcome, count)], to: .outcomes)
        guard try key.map(isSelftest) != true else { return }
        try total(count, outcome: outcome)
    }

    private func add(_ counts: [(key: String, name: String, count: Int)], to rollUp: RollUp) throws {
        // Read before the write, as announced.
        let isMonthSummed = try isMonthSummed.get()
        try rollUp.daily.write(RollUp.values(counts, span: day.number, time: time), to: db)
        guard isMonthSummed else { return }
        let month = UTCMonth(containing: day).number
        try rollUp.monthly.write(RollUp.values(counts, span: month, time: time), to: db)
    }

    private func total(_ count: Int, outcome: String) throws {
        guard count > 0 else { return }
        let row: [SQLValue] = [.integer(day.number), .text(outcome), .integer(Int64(count)), .integer(time)]
        try Self.totals.write(row, to: db)
    }

    private static let totals = RowInsert(
        into: "usage_totals",
        ["day": .integer, "outcome": .text, "count": .integer, "last_at": .integer],
        onConflict: .update(key: ["day", "outcome"]) { RollUp.sum(in: "usage_totals", $0) }
    )
    private static let lastUses = RowInsert(
        into: "usage_keys",
        [
            "key_id": .text, "vends": .integer, "first_at": .integer, "last_at": .integer, "last_sequence": .integer,
            "live_until": .integer,
        ],
        onConflict: .update(key: ["key_id"]) { dialect in
            """
            vends = usage_keys.vends + excluded.vends,
            last_at = \(dialect.greatest("usage_keys.last_at", "excluded.last_at")),
            last_sequence = excluded.last_sequence,
            live_until = \(dialect.greatest("usage_keys.live_until", "excluded.live_until"))
            """
        }
    )

    /// Updates the last use of keys.
    private func note(_ shares: [KeyID: VendTally.Share]) throws {
        let values = shares.map { ($0.key.description, $0.value) }.sorted { $0.0 < $1.0 }.flatMap { key, share in
            [
                SQLValue.text(key), .integer(Int64(share.count)), .integer(time), .integer(time),
                .integer(share.sequence), .integer(share.liveUntil),
            ]
        }
        try Self.lastUses.write(values, to: db)
    }

    private func isSelftest(_ key: KeyID) throws -> Bool {
        try db.exists(
            """
            SELECT 1 AS value FROM researchers
            WHERE handle = (SELECT researcher FROM keys WHERE id = ?) AND purpose <> 'research'
            """,
            [key.description]
        )
    }
}

/// A count by key and name, in days and in months that are summed up already.
private struct RollUp: Sendable {
    static let outcomes = RollUp(("usage_daily", "usage_monthly"), by: "outcome")
    static let networks = RollUp(("usage_networks", "usage_networks_monthly"), by: "network")

    let daily: RowInsert
    let monthly: RowInsert

    private init(_ tables: (daily: String, monthly: String), by name: String) {
        func insert(_ table: String, _ span: String) -> RowInsert {
            RowInsert(
                into: table,
                [span: .integer, "key_id": .text, name: .text, "count": .integer, "last_at": .integer],
                onConflict: .update(key: [span, "key_id", name]) { Self.sum(in: table, $0) }
            )
        }
        (daily, monthly) = (insert(tables.daily, "day"), insert(tables.monthly, "month"))
    }

    /// The update that adds a count to a row of `table`.
    static func sum(in table: String, _ dialect: Dialect) -> String {
        """
        count = \(table).count + excluded.count,
        last_at = \(dialect.greatest("\(table).last_at", "excluded.last_at"))
        """
    }

    /// The values of rows, sorted by their keys: writers that lock rows in one order can't lock each other out.
    static func values(_ counts: [(key: String, name: String, count: Int)], span: Int64, time: Int64) -> [SQLValue] {
        counts.sorted { ($0.key, $0.name) < ($1.key, $1.name) }
            .flatMap { key, name, count -> [SQLValue] in
                [.integer(span), .text(key), .text(name), .integer(Int64(count)), .integer(time)]
            }
    }
}

extension UsageCounter {
    /// Months that are over and have days but no sum.
    func monthsToSumUp() throws -> [UTCMonth] {
        guard let first: Int64 = try db.value("SELECT min(day) AS value FROM usage_daily") else { return [] }
        let (begin, end) = (UTCMonth(containing: UTCDay(number: first)).number, UTCMonth(containing: day).number)
        return try (min(begin, end)..<end).map(UTCMonth.init(number:)).filter { month in
            let days = month.days
            return try db.exists(
                "SELECT 1 AS value FROM usage_daily WHERE day BETWEEN ? AND ? LIMIT 1",
                [days.lowerBound.number, days.upperBound.number]
            ) && !db.exists("SELECT 1 AS value FROM usage_monthly WHERE month = ? LIMIT 1", [month.number])
        }
    }

    func sumUpMonths() throws {
        for month in try monthsToSumUp() {
            let (first, last) = (month.days.lowerBound.number, month.days.upperBound.number)
            for (sums, rows, column) in [
                ("usage_monthly", "usage_daily", "outcome"), ("usage_networks_monthly", "usage_networks", "network"),
            ] {
                let expected: Int? = try db.value(
                    """
                    SELECT count(*) AS value FROM (
                        SELECT DISTINCT key_id, \(column) FROM \(rows) WHERE day BETWEEN ? AND ?
                    ) AS pairs
                    """,
                    [first, last]
                )
                try db.change(
                    """
                    INSERT INTO \(sums) (month, key_id, \(column), count, last_at)
                    SELECT CAST(? AS bigint), key_id, \(column), CAST(sum(count) AS bigint), max(last_at)
                    FROM \(rows) WHERE day BETWEEN ? AND ? GROUP BY key_id, \(column)
                    """,
                    [month.number, first, last],
                    rows: expected ?? 0
                )
            }
        }
    }
}
