package import BursarFoundation
import BursarModel
import GRDB
package import Vending

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

extension Store {
    /// Records per transaction, so that a vend never waits long behind refusals.
    private static let step = 256
    /// The fraction of the database's space that refusals never take, so that refused requests can't fill the disk.
    private static let reserve = 0.05

    /// Appends the refusals of `batch` that are kept in full, then adds all counts in one transaction, so that counts
    /// which are put back and written later are counted once.
    ///
    /// - Throws: ``StoreError/full`` if only the reserve is left, or another ``StoreError``.
    package func record(_ batch: RefusalBatch) throws {
        guard try hasRoomForRefusals() else { throw StoreError.full }
        for start in stride(from: 0, to: batch.entries.count, by: Self.step) {
            let entries = batch.entries[start..<min(start + Self.step, batch.entries.count)]
            try write { db in
                var chain = try Chain.current(db)
                for entry in entries { try chain.append(RecordEntry(entry), to: db) }
            }
        }
        try write { db in
            for (group, count) in batch.counts {
                try UsageCounter(db, at: count.last)
                    .addRefusals(count.count, outcome: group.outcome, key: group.key)
            }
        }
    }

    /// Sums up the months that are over at `date`; to be called regularly.
    package func sumUpMonths(at date: Date) throws {
        guard try !read({ db in try UsageCounter(db, at: date).monthsToSumUp() }).isEmpty else { return }
        try write { db in try UsageCounter(db, at: date).sumUpMonths() }
    }

    private func hasRoomForRefusals() throws -> Bool {
        // On the writing connection, since the limit is per connection.
        let (used, limit) = try write { db in
            let size = try Int64.fetchOne(db, sql: "PRAGMA page_size") ?? 0
            let count = try Int64.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            return (
                Double(count * size), Double(try Int64.fetchOne(db, sql: "PRAGMA max_page_count") ?? 0) * Double(size)
            )
        }
        var disk = statvfs()
        guard statvfs(path, &disk) == 0 else { return false }
        let free = Double(disk.f_bavail) * Double(disk.f_frsize)
        let room = min(used + free, limit)
        return room - used > room * Self.reserve
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
