package import BursarFoundation
import BursarModel
import Vending

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

extension Upkeep {
    /// Summarises the state at `date`.
    ///
    /// `ahead` is the time that counts as soon and as lately; a key without any use for `idle` counts as unused.
    package func health(at date: Date, ahead: TimeInterval, idle: TimeInterval) throws -> StoreHealth {
        try database.read { db in
            let keys = try StoredKey.all(db).filter { !$0.isSelftest }
            let active = keys.filter { $0.status(at: date) == .active }
            let unused = Self.moments(active, \.lastUse).filter { $0.date < date - idle }
            let last: Date? = try db.value("SELECT occurred_at AS value FROM records ORDER BY sequence DESC LIMIT 1")
            return StoreHealth(
                expiring: Self.moments(active.filter { $0.replacedBy == nil }, \.end).filter {
                    $0.date <= date + ahead
                },
                expired: Self.moments(keys.filter { $0.expiredUnnoticed(at: date) }, \.expires)
                    .filter { $0.date > date - ahead }.reversed(),
                unused: (unused.count, unused.first),
                canary: try Self.lastCanaryUse(db, since: UTCDay(containing: date - ahead)),
                lastRecord: last,
                vendsPerDay: try Self.vendsPerDay(db, at: date)
            )
        }
    }

    /// Returns the keys with one of their times, earliest first.
    private static func moments(_ keys: [StoredKey], _ time: (StoredKey) -> Date) -> [KeyMoment] {
        keys.map { key in
            KeyMoment(
                key: key.id.description,
                researcher: key.researcher,
                date: time(key),
                isEndOfStay: time(key) == key.researcherEnds
            )
        }.sorted { ($0.date, $0.key) < ($1.date, $1.key) }
    }

    /// Finds the last use of a canary.
    ///
    /// The chain records the first use per hour and network; the counts since `day` include every use.
    private static func lastCanaryUse(_ db: any Transaction, since day: UTCDay) throws -> KeyMoment? {
        let recorded = """
            SELECT key_id, researcher, occurred_at AS moment FROM records
            WHERE kind NOT IN ('vend', 'refusal') AND kind = 'canary_used' ORDER BY sequence DESC LIMIT 1
            """
        let counted = """
            SELECT key_id, researcher, last_at AS moment FROM usage_daily JOIN keys ON id = key_id
            WHERE day >= ? AND outcome = ? ORDER BY last_at DESC, key_id LIMIT 1
            """
        let uses: [KeyMoment] =
            try db.all(recorded) + db.all(counted, [day.number, UsageCounter.canaryUsed])
        return uses.max { $0.date < $1.date }
    }

    private static func vendsPerDay(_ db: any Transaction, at date: Date) throws -> Double {
        let today = UTCDay(containing: date).number
        let vends: Int64? = try db.value(
            """
            SELECT CAST(coalesce(sum(count), 0) AS bigint) AS value FROM usage_totals
            WHERE outcome = 'vended' AND day BETWEEN ? AND ?
            """,
            [today - 30, today - 1]
        )
        return Double(vends ?? 0) / 30
    }

    /// Bytes that are free for the database; nil if the system doesn't report them.
    package var freeBytes: Int64? { database.freeBytes }
}

extension StoredKey {
    fileprivate var lastUse: Date { use?.last ?? created }

    /// True if it expired while its researcher was welcome, and wasn't rotated.
    fileprivate func expiredUnnoticed(at date: Date) -> Bool {
        status(at: date) == .expired && replacedBy == nil && !isResearcherDisabled
            && researcherEnds.map { $0 > date } != false
    }
}

/// The last use of a canary.
extension KeyMoment: RowDecodable {
    package init(_ row: ResultRow) throws {
        key = try row["key_id"] as String? ?? ""
        researcher = try row["researcher"] as String? ?? ""
        date = try row["moment"]
        isEndOfStay = false
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

extension Upkeep {
    /// Reads the facts.
    ///
    /// No figure is counted by reading records, so the time does not depend on their number.
    package func facts(at date: Date) throws -> DatabaseFacts {
        try database.checkIsInPlace()
        let (size, version) = (try database.size(), try database.schemaVersion())
        return try database.read { db in
            func number(_ sql: String) throws -> Int64? { try db.value(sql) }
            func time(_ sequence: Int64?) throws -> Date? {
                guard let sequence else { return nil }
                return try db.value("SELECT occurred_at AS value FROM records WHERE sequence = ?", [sequence])
            }
            // One by one: for both at once, SQLite would read every record.
            let lowest = try number("SELECT min(sequence) AS value FROM records")
            let highest = try number("SELECT max(sequence) AS value FROM records")
            let (state, head) = (try DirectoryState.current(db), try Chain.current(db))
            let researchers = "SELECT count(*) AS value FROM researchers WHERE purpose = 'research'"
            let vends = "SELECT CAST(sum(count) AS bigint) AS value FROM usage_totals WHERE outcome = 'vended'"
            return DatabaseFacts(
                size: size.database,
                logSize: size.log,
                schema: String(version),
                revision: state.revision,
                pausedSince: state.paused,
                records: lowest.flatMap { low in highest.map { $0 - low + 1 } } ?? 0,
                pruned: try Chain.pruned(db).sequence,
                first: try time(lowest),
                last: try time(highest),
                head: ChainHead(
                    sequence: head.sequence,
                    hash: ChainAnchor(sequence: head.sequence, hash: head.head).hash
                ),
                vends: try number(vends) ?? 0,
                researchers: Int(try number(researchers) ?? 0),
                disabledResearchers: Int(try number(researchers + " AND disabled_at IS NOT NULL") ?? 0),
                keys: try Self.countKeys(where: nil, db),
                activeKeys: try Self.countKeys(where: KeyStatus.sql([.active], at: date), db),
                lastBackup: try Self.lastBackup(db)
            )
        }
    }

    private static func countKeys(where condition: String?, _ db: any Transaction) throws -> Int {
        try db.value(
            """
            SELECT count(*) AS value FROM keys JOIN researchers ON handle = researcher
            WHERE purpose = 'research'\(condition.map { " AND " + $0 } ?? "")
            """
        ) ?? 0
    }

    /// The time at which the last finished backup began.
    private static func lastBackup(_ db: any Transaction) throws -> Date? {
        try db.value(
            """
            SELECT occurred_at AS value FROM records
            WHERE kind NOT IN ('vend', 'refusal') AND kind = 'database_backed_up' AND detail IS NULL
            ORDER BY sequence DESC LIMIT 1
            """
        )
    }
}

/// The details of a backup's records; the record of one that was finished has none.
package enum BackupRecord {
    /// The backup counts once another record reports its end, so one whose process was killed never does.
    package static let begun = "begun"
    package static let failed = "failed"
}
