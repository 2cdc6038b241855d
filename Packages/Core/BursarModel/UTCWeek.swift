import BursarFoundation

/// A week as ISO 8601 counts them, Monday to Sunday in UTC, printed as `2026-W48`.
package struct UTCWeek: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Weeks since the one that 1970-01-01, a Thursday, lies in.
    package let number: Int64

    package init(number: Int64) {
        self.number = number
    }

    package init(containing day: UTCDay) {
        // Of the day three before the first of 1970, a Monday, rounded down for days before it too.
        let (weeks, rest) = (day.number + 3).quotientAndRemainder(dividingBy: 7)
        number = rest < 0 ? weeks - 1 : weeks
    }

    package var days: ClosedRange<UTCDay> {
        UTCDay(number: number * 7 - 3)...UTCDay(number: number * 7 + 3)
    }

    /// A week belongs to the year that its Thursday lies in.
    package var description: String {
        let thursday = UTCDay(number: number * 7)
        let year = thursday.description.prefix(4)
        let first = UTCDay(year + "-01-01") ?? thursday
        let week = (thursday.number - first.number) / 7 + 1
        return "\(year)-W" + (week < 10 ? "0" : "") + "\(week)"
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.number < right.number
    }
}
