package import BursarFoundation
package import BursarModel
import Synchronization

/// The vends of a key on a day, as recorded.
package struct DailyUsage: Sendable, Equatable {
    package let day: UTCDay
    package let count: Int

    package init(day: UTCDay, count: Int) {
        self.day = day
        self.count = count
    }
}

/// A key's daily quota and its use, for the caller.
package struct QuotaStatus: Sendable, Equatable {
    package let limit: Int
    package let used: Int
    /// Seconds until 00:00 UTC.
    package let secondsToReset: Int

    package var remaining: Int { max(0, limit - used) }
}

/// Vends per key and UTC day, counted before AWS is asked, so that a key whose quota is used up costs no request.
///
/// The commit decides; this class knows its last count, and the vends under way.
package final class DailyQuota: Sendable {
    private struct Entry {
        var day: UTCDay
        var used: Int
        var reserved = 0
    }

    private let entries = Mutex<[KeyID: Entry]>([:])

    package init() {}

    /// True if the use on `day` has been read since the start.
    func knows(_ key: KeyID, on day: UTCDay) -> Bool {
        entries.withLock { $0[key]?.day == day }
    }

    /// Sets the recorded use of a day that isn't known yet.
    func load(_ key: KeyID, _ use: DailyUsage) {
        entries.withLock { entries in
            guard entries[key]?.day != use.day else { return }
            entries[key] = Entry(day: use.day, used: use.count)
        }
    }

    /// Reserves one of the day's vends; returns false if all are used or under way.
    ///
    /// A day that is no longer known, as around midnight, is left to the commit.
    func reserve(_ key: KeyID, on day: UTCDay, limit: Int) -> Bool {
        entries.withLock { entries in
            guard var entry = entries[key], entry.day == day else { return limit > 0 }
            guard entry.used + entry.reserved < limit else { return false }
            entry.reserved += 1
            entries[key] = entry
            return true
        }
    }

    /// Releases a reservation of `day`: no credentials were handed out, or `use` is the count after their commit.
    func settle(_ key: KeyID, on day: UTCDay, _ use: DailyUsage?) {
        entries.withLock { entries in
            guard var entry = entries[key], entry.day == day else { return }
            entry.reserved = max(0, entry.reserved - 1)
            if let use, use.day == day { entry.used = max(entry.used, use.count) }
            entries[key] = entry
        }
    }

    /// Returns the quota's status at `date`, as far as it is known in memory.
    package func status(_ key: KeyID, limit: Int, at date: Date) -> QuotaStatus {
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
