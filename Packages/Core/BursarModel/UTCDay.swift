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

    /// What is wrong with a text that is no day, as the end of a sentence about it: its form, or the calendar.
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
