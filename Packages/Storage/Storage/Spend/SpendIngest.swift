package import BursarFoundation
import BursarModel
package import Spend
import Synchronization

/// Brings the calls of invocation logs into the database, each once.
///
/// A batch is one transaction: the keys of its records first, then the sums of those that weren't known. So it may run
/// twice, in two programs at once, and after any crash: nothing is lost, and nothing counts double.
package struct SpendIngest: Sendable {
    /// The months before the current one that sums are kept for and records taken from, unless the settings say otherwise.
    package static let usualMonths = 25

    private let database: any Database
    private let roles: Set<VendedRole>
    private let months: Int
    private let now: @Sendable () -> Date
    /// The numbers that earlier batches found.
    private let numbers = CommittedNumbers()

    /// `roles` are those that Bursar vends; records are taken from `months` whole months before the current one on.
    package init(
        _ database: any Database,
        roles: Set<VendedRole>,
        months: Int = Self.usualMonths,
        now: @escaping @Sendable () -> Date
    ) {
        self.database = database
        self.roles = roles
        self.months = months
        self.now = now
    }

    /// Writes a batch.
    ///
    /// - Throws: ``StoreError``; nothing of the batch is counted then.
    package func add(_ batch: SpendBatch) throws -> SpendTally {
        guard !batch.isEmpty else { return SpendTally() }
        // Outside of the transaction, which other writers wait for.
        let sorted = batch.calls.sorted { $0.key < $1.key }
        let known = numbers.value
        let (tally, numbers) = try database.write { db in
            var numbers = known
            let date = try db.sharedDate ?? now()
            let horizon = try Horizon(db, at: date, months: months)
            var tally = SpendTally()
            tally.records = Int64(batch.count)
            tally.ignored = Int64(batch.ignored)
            let (calls, duplicates) = try Self.addKeys(sorted, from: horizon.hour, db)
            tally.calls = Int64(calls.count)
            tally.duplicates = duplicates
            tally.tooOld = Int64(sorted.count) - tally.calls - duplicates
            tally.quarantined = try SpendQuarantine.add(batch.quarantined, at: date, db)
            if !calls.isEmpty {
                let directory = try CallerDirectory(batch.callers, roles: roles, db)
                try SpendSums(calls, of: batch, directory, &numbers, db).write(to: db)
            }
            try Self.note(sorted, of: batch, at: date, db)
            try SpendTotal.add([.duplicates: duplicates, .ignored: tally.ignored, .tooOld: tally.tooOld], to: db)
            try horizon.removeKeys(db)
            return (tally, numbers)
        }
        self.numbers.value = numbers
        return tally
    }

    /// Records that an operator brought in calls; `source` names the files or logs.
    package func record(_ tally: SpendTally, of source: String, by act: AuditContext) throws {
        guard tally.calls > 0 || tally.quarantined > 0 else { return }
        try database.write { db in
            let detail = "\(tally.calls) calls and \(tally.quarantined) quarantined lines of \(source)"
            try act.record(.spendImported, detail: detail, in: db)
        }
    }

    private static let keys = RowInsert(
        into: "spend_calls",
        [("hour", .integer), ("digest", .blob)],
        onConflict: .nothing(returning: "hour, digest"),
        widest: 256
    )

    /// Writes the keys of `calls`, which are in the keys' order, from an hour on.
    ///
    /// - Returns: the calls that weren't known, and the number of records of those that were.
    private static func addKeys(
        _ calls: [SpendBatch.Call],
        from hour: Int64,
        _ db: any Transaction
    ) throws -> (new: [SpendBatch.Call], known: Int64) {
        var distinct: [SpendBatch.Call] = []
        distinct.reserveCapacity(calls.count)
        var known: Int64 = 0
        for call in calls where call.key.hour >= hour {
            if distinct.last?.key == call.key { known += 1 } else { distinct.append(call) }
        }
        var values: [SQLValue] = []
        values.reserveCapacity(distinct.count * 2)
        for call in distinct {
            values.append(.integer(call.key.hour))
            values.append(.blob(call.key.digest))
        }
        var added: [CallKey] = []
        added.reserveCapacity(distinct.count)
        try keys.write(values, to: db) { row in
            guard let hour = row.integer(0), let digest = row.bytes(1), let key = CallKey(hour: hour, digest: digest)
            else { throw StoreError.unavailable(cause: "the key of a call can't be read") }
            added.append(key)
        }
        // Both engines return rows as they write them, and promise no order.
        if zip(added, added.dropFirst()).contains(where: { $1 < $0 }) { added.sort() }
        guard added.count < distinct.count else { return (distinct, known) }
        var new: [SpendBatch.Call] = []
        new.reserveCapacity(added.count)
        for call in distinct where new.count < added.count && call.key == added[new.count] { new.append(call) }
        return (new, known + Int64(distinct.count - new.count))
    }

    private static let regions = RowInsert(
        into: "spend_regions",
        [("region", .text), ("latest_at", .integer), ("ingested_at", .integer)],
        onConflict: .update(key: ["region"]) { dialect in
            """
            latest_at = \(dialect.greatest("spend_regions.latest_at", "excluded.latest_at")),
            ingested_at = \(dialect.greatest("spend_regions.ingested_at", "excluded.ingested_at"))
            """
        }
    )

    /// Notes the latest record of each region, by which the age of the data is known; none counts as later than now.
    private static func note(
        _ calls: [SpendBatch.Call],
        of batch: SpendBatch,
        at date: Date,
        _ db: any Transaction
    ) throws {
        var latest: [String: Int64] = [:]
        for call in calls {
            let region = batch.meters[call.meter].region
            latest[region] = max(latest[region] ?? .min, min(call.time, date.milliseconds))
        }
        let values = latest.sorted { $0.key < $1.key }.flatMap { region, time in
            [SQLValue.text(region), .integer(time), .integer(date.milliseconds)]
        }
        try regions.write(values, to: db)
    }
}

/// Numbers that are committed, and so stay as they are.
private final class CommittedNumbers: Sendable {
    private let numbers = Mutex(SpendNumbers())

    var value: SpendNumbers {
        get { numbers.withLock(\.self) }
        set { numbers.withLock { $0 = newValue } }
    }
}

/// The hour before which no record is taken: its key may be gone.
private struct Horizon {
    /// Hours whose keys go in one batch.
    private static let step: Int64 = 24

    let hour: Int64
    private let stored: Int64
    private let date: Date
    private let months: Int

    /// It never moves back: a record whose key is gone would count again if sums were to be kept for longer.
    init(_ db: any Transaction, at date: Date, months: Int) throws {
        stored = try SpendTotal.horizon.value(db)
        hour = max(stored, Self.hour(date, months))
        self.date = date
        self.months = months
    }

    /// The first hour of the month that lies `months` before that of `date`.
    private static func hour(_ date: Date, _ months: Int) -> Int64 {
        let current = UTCMonth(containing: UTCDay(containing: date))
        return max(0, UTCMonth(number: current.number - Int64(months)).days.lowerBound.number * 24)
    }

    /// Removes the keys of some of the hours before, as far as the newest record shows that they are before: a wrong clock
    /// alone must not remove keys.
    func removeKeys(_ db: any Transaction) throws {
        guard let first: Int64 = try db.value("SELECT min(hour) AS value FROM spend_calls"), first < hour,
            let latest: Date = try db.value("SELECT max(latest_at) AS value FROM spend_regions")
        else { return }
        let end = min(Self.hour(min(date, latest), months), first + Self.step)
        guard first < end else { return }
        if end > stored { try SpendTotal.horizon.set(end, db) }
        try db.execute("DELETE FROM spend_calls WHERE hour < ?", [end])
    }
}

/// A total over everything that was brought in, which only grows.
enum SpendTotal: String, CaseIterable {
    case duplicates
    case ignored
    case tooOld = "too_old"
    /// Not a count: the hour before which keys of calls were removed.
    case horizon

    func value(_ db: any Transaction) throws -> Int64 {
        try db.value("SELECT value FROM spend_totals WHERE name = ?", [rawValue]) ?? 0
    }

    func set(_ value: Int64, _ db: any Transaction) throws {
        try db.change(
            """
            INSERT INTO spend_totals (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value
            """,
            [rawValue, value]
        )
    }

    static func add(_ counts: [SpendTotal: Int64], to db: any Transaction) throws {
        let values = counts.filter { $0.value > 0 }.sorted { $0.key.rawValue < $1.key.rawValue }
            .flatMap { total, count in [SQLValue.text(total.rawValue), .integer(count)] }
        try sums.write(values, to: db)
    }

    private static let sums = RowInsert(
        into: "spend_totals",
        [("name", .text), ("value", .integer)],
        onConflict: .update(key: ["name"]) { _ in "value = spend_totals.value + excluded.value" }
    )
}

/// Lines that can't be counted: each is kept once, as the hash of its bytes, however often it is met.
enum SpendQuarantine {
    private static let insert = RowInsert(
        into: "spend_quarantine",
        [("hash", .blob), ("reason", .text), ("place", .text), ("seen_at", .integer)],
        onConflict: .nothing(returning: "hash")
    )

    /// - Returns: the number of lines that weren't there.
    static func add(_ lines: [SpendBatch.Quarantined], at date: Date, _ db: any Transaction) throws -> Int64 {
        var seen: Set<[UInt8]> = []
        let distinct = lines.filter { seen.insert($0.hash).inserted }
            .sorted { $0.hash.lexicographicallyPrecedes($1.hash) }
        let values = distinct.flatMap { line in
            [SQLValue.blob(line.hash), .text(line.reason.rawValue), .text(line.place), .integer(date.milliseconds)]
        }
        var count: Int64 = 0
        try insert.write(values, to: db) { _ in count += 1 }
        return count
    }
}

extension Store {
    /// The one program that asks AWS for logs at a time.
    package var spendLease: SpendLease { SpendLease(database) }
}

/// The right to ask AWS for logs, of one program at a time and for a while: losing it in mid-run does no harm, since
/// nothing counts double.
package struct SpendLease: Sendable {
    package static let life: TimeInterval = 90

    private let database: any Database

    init(_ database: any Database) {
        self.database = database
    }

    /// Takes the lease, or extends it; returns false while another holder has it.
    package func take(as holder: String, at date: Date) throws -> Bool {
        try database.write { db in
            let date = try db.sharedDate ?? date
            var isHeld = false
            try db.forEach("SELECT holder, ends_at FROM spend_lease") { row in
                let (other, end): (String, Date) = (try row["holder"], try row["ends_at"])
                // A clock that was set back must not leave the lease with a holder who is gone.
                isHeld = other != holder && end > date && end <= date + Self.life
            }
            guard !isHeld else { return false }
            try db.change(
                """
                INSERT INTO spend_lease ("only", holder, ends_at) VALUES (1, ?, ?)
                ON CONFLICT ("only") DO UPDATE SET holder = excluded.holder, ends_at = excluded.ends_at
                """,
                [holder, date + Self.life]
            )
            return true
        }
    }
}
