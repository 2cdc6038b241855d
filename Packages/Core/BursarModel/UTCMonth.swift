import BursarFoundation

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
