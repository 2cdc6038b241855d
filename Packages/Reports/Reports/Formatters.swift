package import BursarFoundation
import BursarModel

/// Short UTC times for tables: the minute for near times, else the day: `today 16:25`, `2026-11-29 16:25`,
/// `2026-11-20`.
package enum ShortTimestamp {
    /// Times within two days are near.
    private static let near = TimeInterval(2 * 86_400)

    package static func moment(_ date: Date, at now: Date) -> String {
        minute(date, at: now) ?? UTCDay(containing: date).description
    }

    /// Returns the minute of a near time; nil for others.
    package static func minute(_ date: Date, at now: Date) -> String? {
        guard abs(date.timeIntervalSince(now)) < near else { return nil }
        let text = Timestamp.string(date)
        let day = UTCDay(containing: date) == UTCDay(containing: now) ? "today" : String(text.prefix(10))
        return "\(day) \(text.dropFirst(11).prefix(5))"
    }
}

/// A size in readable units: `1.5 GiB`.
package struct ByteCount: CustomStringConvertible {
    private let bytes: Int64

    package init(bytes: Int64) {
        self.bytes = bytes
    }

    package var description: String {
        var (value, unit) = (Double(bytes), 0)
        let units = ["bytes", "KiB", "MiB", "GiB", "TiB"]
        while value >= 1024, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        guard unit > 0 else { return "\(bytes) bytes" }
        let tenths = Int64((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) \(units[unit])"
    }
}

/// Numbers with grouped digits: `1,234,567`.
package enum GroupedNumber {
    package static func text(_ number: Int) -> String {
        var digits = ""
        for (place, digit) in String(number.magnitude).reversed().enumerated() {
            if place > 0, place.isMultiple(of: 3) { digits.append(",") }
            digits.append(digit)
        }
        return (number < 0 ? "-" : "") + String(digits.reversed())
    }

    package static func text(_ number: Int, _ one: String, _ many: String) -> String {
        "\(text(number)) \(number == 1 ? one : many)"
    }
}
