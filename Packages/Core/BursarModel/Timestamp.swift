package import BursarFoundation

/// RFC 3339 times as they stand on the wire.
package enum Timestamp {
    /// The suffix for UTC.
    package enum UTCDesignator: String, Sendable {
        /// The form that the Go SDK and every other client read.
        case zulu = "Z"
        /// The form that helpers on Python 3.10 and older need, since `fromisoformat` there refuses `Z`.
        case offset = "+00:00"
    }

    /// `2026-01-02T03:04:05Z`: whole seconds, rounded down, so that no lifetime is overstated.
    package static func string(_ date: Date, _ designator: UTCDesignator = .zulu) -> String {
        let seconds = date.timeIntervalSince1970.rounded(.down)
        guard usual.contains(seconds) else {
            return String(Date(timeIntervalSince1970: seconds).formatted(.iso8601).dropLast()) + designator.rawValue
        }
        return text(Int(seconds), designator.rawValue.utf8)
    }

    /// 1970 to 9999, which are written here: Foundation's formatter takes longer than all else that a vend's line does.
    private static let usual = 0.0..<253_402_300_800

    private static func text(_ seconds: Int, _ designator: String.UTF8View) -> String {
        let (days, time) = seconds.quotientAndRemainder(dividingBy: 86_400)
        // Eras of 400 years that begin in March, so that a leap day is a year's last
        // (https://howardhinnant.github.io/date_algorithms.html#civil_from_days).
        let (era, dayOfEra) = (days + 719_468).quotientAndRemainder(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let march = (5 * dayOfYear + 2) / 153
        let (day, month) = (dayOfYear - (153 * march + 2) / 5 + 1, march < 10 ? march + 3 : march - 9)
        let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
        var bytes = Array("0000-00-00T00:00:00".utf8)
        func write(_ number: Int, endingAt position: Int, digits: Int) {
            var rest = number
            for index in 0..<digits {
                bytes[position - index] += UInt8(rest % 10)
                rest /= 10
            }
        }
        write(year, endingAt: 3, digits: 4)
        write(month, endingAt: 6, digits: 2)
        write(day, endingAt: 9, digits: 2)
        write(time / 3600, endingAt: 12, digits: 2)
        write(time / 60 % 60, endingAt: 15, digits: 2)
        write(time % 60, endingAt: 18, digits: 2)
        return String(decoding: bytes + designator, as: UTF8.self)
    }

    /// Reads `Z` or a numeric offset, with or without fractions of a second; nil when it is neither.
    ///
    /// RFC 3339 §5.6 allows small letters and a blank in place of `T`; botocore also reads `UTC` and an offset without
    /// its colon, which other tools' caches hold.
    package static func date(_ text: String) -> Date? {
        guard text.utf8.count <= 40 else { return nil }
        let text = canonical(text)
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: text.contains("."))
        return try? style.parse(text)
    }

    private static func canonical(_ text: String) -> String {
        var bytes = Array(text.utf8)
        guard bytes.count > 19 else { return text }
        if bytes[10] == UInt8(ascii: "t") || bytes[10] == UInt8(ascii: " ") { bytes[10] = UInt8(ascii: "T") }
        if let zone = [" UTC", "UTC", "z"].first(where: { text.hasSuffix($0) }) {
            bytes.replaceSubrange((bytes.count - zone.utf8.count)..., with: "Z".utf8)
        }
        let sign = bytes.count - 5
        if [UInt8(ascii: "+"), UInt8(ascii: "-")].contains(bytes[sign]), sign >= 19 {
            bytes.insert(UInt8(ascii: ":"), at: sign + 3)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
