package import BursarFoundation

/// A whole UTC day, printed and read as `2026-11-30`.
package struct UTCDay: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Days since 1970-01-01.
    package let number: Int64

    package init(number: Int64) {
        self.number = number
    }

    package init(containing date: Date) {
        number = Int64((date.timeIntervalSince1970 / 86_400).rounded(.down))
    }

    /// nil unless it is `YYYY-MM-DD` and such a day exists.
    package init?(_ text: String) {
        guard text.utf8.count == 10, let date = Timestamp.date(text + "T00:00:00Z") else { return nil }
        self.init(containing: date)
        guard description == text else { return nil }
    }

    /// The error in a text that isn't a day, as the end of a sentence: its form, or the calendar.
    package static func flaw(of text: String) -> String {
        let isForm =
            text.utf8.count == 10
            && zip(text.utf8, "0000-00-00".utf8).allSatisfy { $1 == 0x30 ? (0x30...0x39).contains($0) : $0 == $1 }
        return isForm ? "is not a day that there is" : "is not written as a day is"
    }

    /// 00:00 UTC of the day.
    package var start: Date { Date(timeIntervalSince1970: Double(number) * 86_400) }

    package var description: String {
        String(Timestamp.string(start).prefix(10))
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.number < right.number
    }
}

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

/// A calendar month in UTC, printed and read as `2026-11`.
package struct UTCMonth: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Months since 0000-01.
    package let number: Int64

    package init(number: Int64) {
        self.number = number
    }

    package init(containing day: UTCDay) {
        let parts = day.description.split(separator: "-").compactMap { Int64($0) }
        number = parts[0] * 12 + parts[1] - 1
    }

    /// nil unless it is `YYYY-MM`.
    package init?(_ text: String) {
        guard text.utf8.count == 7, let day = UTCDay(text + "-01") else { return nil }
        self.init(containing: day)
    }

    package var description: String {
        let (year, month) = (number / 12, number % 12 + 1)
        return String(repeating: "0", count: max(0, 4 - String(year).count)) + "\(year)-" + (month < 10 ? "0" : "")
            + "\(month)"
    }

    package var days: ClosedRange<UTCDay> {
        UTCDay(number: Self.firstDay(number))...UTCDay(number: Self.firstDay(number + 1) - 1)
    }

    /// Days since 1970-01-01 of a month's first day, by the Gregorian calendar.
    ///
    /// Years are counted from March, 400 years early, so that the leap day is a year's last and nothing is negative.
    private static func firstDay(_ number: Int64) -> Int64 {
        let (year, month) = (number + 4798).quotientAndRemainder(dividingBy: 12)
        return 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 - 865_565
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.number < right.number
    }
}
