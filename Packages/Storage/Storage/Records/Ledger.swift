package import BursarFoundation
import BursarModel
package import Vending

/// The server's own books: refusals, the days' use, and the months that are over.
package struct Ledger: Sendable {
    /// Records per transaction, so that a vend never waits long behind refusals.
    private static let step = 256
    /// The fraction of the database's space that refusals never take, so that refused requests can't fill the disk.
    private static let reserve = 0.05

    let database: any Database

    package init(_ database: any Database) {
        self.database = database
    }

    /// Appends the refusals of `batch` that are kept in full, then adds all counts in one transaction, so that counts
    /// which are put back and written later are counted once.
    ///
    /// - Throws: ``StoreError/full`` if only the reserve is left, or another ``StoreError``.
    package func record(_ batch: RefusalBatch) throws {
        guard try database.hasRoom(beyond: Self.reserve) else { throw StoreError.full }
        for start in stride(from: 0, to: batch.entries.count, by: Self.step) {
            let entries = batch.entries[start..<min(start + Self.step, batch.entries.count)]
            try database.write { db in
                var chain = try Chain.current(db)
                for entry in entries { try chain.append(RecordEntry(entry), to: db) }
            }
        }
        try database.write { db in
            for (group, count) in batch.counts {
                try UsageCounter(db, at: count.last)
                    .addRefusals(count.count, outcome: group.outcome, key: group.key)
            }
        }
    }

    /// Sums up the months that are over at `date`; to be called regularly.
    package func sumUpMonths(at date: Date) throws {
        guard try !database.read({ db in try UsageCounter(db, at: date).monthsToSumUp() }).isEmpty else { return }
        try database.write { db in try UsageCounter(db, at: date).sumUpMonths() }
    }

    /// The vends of a key on a day.
    func use(of key: KeyID, on day: UTCDay) async throws -> DailyUsage {
        try await database.read { db in
            DailyUsage(day: day, count: try UsageCounter.vends(of: key, on: day, db))
        }
    }
}

extension RecordEntry {
    fileprivate init(_ refusal: RefusalBatch.Entry) {
        self.init(
            kind: refusal.isCanary ? .canaryUsed : .refusal,
            occurred: refusal.date.milliseconds,
            researcher: refusal.researcher.description,
            keyID: refusal.key.description,
            address: refusal.address?.description,
            requestID: refusal.requestID,
            reason: refusal.code.rawValue,
            detail: refusal.isLastOfHour ? "more of this hour are counted only" : nil
        )
    }
}
