import BursarFoundation
import BursarModel

/// Times as tables show them, where there is no room for seconds: the minute when it is near, else the day, in UTC:
/// `today 16:25`, `2026-11-29 16:25`, `2026-11-20`.
enum ShortTimestamp {
    /// A moment is near within two days.
    private static let near = TimeInterval(2 * 86_400)

    static func moment(_ date: Date, at now: Date) -> String {
        minute(date, at: now) ?? UTCDay(containing: date).description
    }

    /// The day is the last whole one before `end`, as operators type it.
    static func end(_ end: Date, at now: Date) -> String {
        minute(end, at: now) ?? ExpiryParser.lastDay(before: end)
    }

    private static func minute(_ date: Date, at now: Date) -> String? {
        guard abs(date.timeIntervalSince(now)) < near else { return nil }
        let text = Timestamp.string(date)
        let day = UTCDay(containing: date) == UTCDay(containing: now) ? "today" : String(text.prefix(10))
        return "\(day) \(text.dropFirst(11).prefix(5))"
    }
}
