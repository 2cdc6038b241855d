#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

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
        guard let first = UTCDay(description + "-01"), let next = UTCDay(Self(number: number + 1).description + "-01")
        else { preconditionFailure("a month is written as one") }
        return first...UTCDay(number: next.number - 1)
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.number < right.number
    }
}
