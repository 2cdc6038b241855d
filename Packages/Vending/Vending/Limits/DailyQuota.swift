package import BursarFoundation
package import BursarModel
import Synchronization

/// How often a key was used on a day, as the record has it.
package struct DailyUsage: Sendable, Equatable {
    package let day: UTCDay
    package let count: Int

    package init(day: UTCDay, count: Int) {
        self.day = day
        self.count = count
    }
}

/// What is left of a key's quota, for the caller.
package struct QuotaStatus: Sendable, Equatable {
    package let limit: Int
    package let used: Int
    /// Until 00:00 UTC.
    package let secondsToReset: Int

    package var remaining: Int { max(0, limit - used) }
}

/// Vends per key and UTC day, counted before AWS is asked, so that a key whose quota is used up costs nothing.
///
/// The commit decides; this only knows what it said last, and what is on its way there.
package final class DailyQuota: Sendable {
    private struct Entry {
        var day: UTCDay
        var used: Int
        var reserved = 0
    }

    private let entries = Mutex<[KeyID: Entry]>([:])

    package init() {}

    /// Whether the use of `day` has been read since the start.
    func knows(_ key: KeyID, on day: UTCDay) -> Bool {
        entries.withLock { $0[key]?.day == day }
    }

    /// What the record says, for a day that isn't known yet.
    func load(_ key: KeyID, _ use: DailyUsage) {
        entries.withLock { entries in
            guard entries[key]?.day != use.day else { return }
            entries[key] = Entry(day: use.day, used: use.count)
        }
    }

    /// Takes one of the day's vends; false when all are used or on their way.
    ///
    /// A day that isn't known any more, as around midnight, is left to the commit.
    func reserve(_ key: KeyID, on day: UTCDay, limit: Int) -> Bool {
        entries.withLock { entries in
            guard var entry = entries[key], entry.day == day else { return limit > 0 }
            guard entry.used + entry.reserved < limit else { return false }
            entry.reserved += 1
            entries[key] = entry
            return true
        }
    }

    /// Gives a reservation of `day` back: no credential left, or its vend is in `use`, the count after its commit.
    func settle(_ key: KeyID, on day: UTCDay, _ use: DailyUsage?) {
        entries.withLock { entries in
            guard var entry = entries[key], entry.day == day else { return }
            entry.reserved = max(0, entry.reserved - 1)
            if let use, use.day == day { entry.used = max(entry.used, use.count) }
            entries[key] = entry
        }
    }

    /// What is left at `date`, as far as is known here.
    package func stand(_ key: KeyID, limit: Int, at date: Date) -> QuotaStatus {
        let day = UTCDay(containing: date)
        let used = entries.withLock { $0[key].flatMap { $0.day == day ? $0.used : nil } ?? 0 }
        let end = Double(day.number + 1) * 86_400
        return QuotaStatus(
            limit: limit,
            used: used,
            secondsToReset: max(1, Int((end - date.timeIntervalSince1970).rounded(.up)))
        )
    }
}
