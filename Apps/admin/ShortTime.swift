import BursarCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Times as tables show them, where there is no room for seconds: the minute when it is near, else the day, in UTC.
enum ShortTime {
    /// A moment is near within two days.
    private static let near = TimeInterval(2 * 86_400)

    static func moment(_ date: Date, at now: Date) -> String {
        minute(date, at: now) ?? UTCDay(containing: date).description
    }

    /// The day is the last whole one before `end`, as operators type it.
    static func end(_ end: Date, at now: Date) -> String {
        minute(end, at: now) ?? TypedEnd.lastDay(before: end)
    }

    private static func minute(_ date: Date, at now: Date) -> String? {
        guard abs(date.timeIntervalSince(now)) < near else { return nil }
        return String(Timestamp.string(date).prefix(16)).replacing("T", with: " ")
    }
}
