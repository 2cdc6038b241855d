import BursarFoundation
import BursarModel

/// A moment as signatures write it: `20260102T030405Z`, whole seconds, UTC.
///
/// The calendar is worked out here, since a formatter costs more than the signature.
struct SigningDate: Equatable {
    let year: Int
    let month: Int
    let day: Int
    private let secondOfDay: Int

    init(_ date: Date) {
        self.init(unixSeconds: Int(date.timeIntervalSince1970.rounded(.down)))
    }

    init(unixSeconds: Int) {
        let days = Int((Double(unixSeconds) / 86_400).rounded(.down))
        secondOfDay = unixSeconds - days * 86_400
        // Days since 0000-03-01, in 400-year eras: the Gregorian calendar repeats after 146,097 days.
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// Reads `20260102T030405Z`; nil when it isn't a moment in that form.
    static func date(_ stamp: String) -> Date? {
        let bytes = Array(stamp.utf8)
        guard bytes.count == 16, bytes[8] == UInt8(ascii: "T"), bytes[15] == UInt8(ascii: "Z") else { return nil }
        func number(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
        let day = "\(number(0..<4))-\(number(4..<6))-\(number(6..<8))"
        let time = "\(number(9..<11)):\(number(11..<13)):\(number(13..<15))"
        guard let date = Timestamp.date("\(day)T\(time)Z"), SigningDate(date).stamp == stamp else { return nil }
        return date
    }

    /// `20260102`: the first part of the credential scope.
    var dayStamp: String {
        String(decoding: dayBytes, as: UTF8.self)
    }

    /// `20260102T030405Z`: `X-Amz-Date`.
    var stamp: String {
        String(decoding: stampBytes, as: UTF8.self)
    }

    /// `Fri, 02 Jan 2026 03:04:05 -0000`: the `Date` header as Python's `email.utils.formatdate` writes it.
    func rfc2822(weekday: Int) -> String {
        let names = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        var clock: [UInt8] = []
        for (index, part) in [secondOfDay / 3600, secondOfDay / 60 % 60, secondOfDay % 60].enumerated() {
            if index > 0 { clock.append(UInt8(ascii: ":")) }
            Self.append(part, digits: 2, to: &clock)
        }
        var date: [UInt8] = []
        Self.append(day, digits: 2, to: &date)
        let time = String(decoding: clock, as: UTF8.self)
        return "\(names[weekday]), \(String(decoding: date, as: UTF8.self)) \(months[month - 1]) \(year) \(time) -0000"
    }

    var dayBytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(16)
        Self.append(year, digits: 4, to: &bytes)
        Self.append(month, digits: 2, to: &bytes)
        Self.append(day, digits: 2, to: &bytes)
        return bytes
    }

    var stampBytes: [UInt8] {
        var bytes = dayBytes
        bytes.append(UInt8(ascii: "T"))
        Self.append(secondOfDay / 3600, digits: 2, to: &bytes)
        Self.append(secondOfDay / 60 % 60, digits: 2, to: &bytes)
        Self.append(secondOfDay % 60, digits: 2, to: &bytes)
        bytes.append(UInt8(ascii: "Z"))
        return bytes
    }

    private static func append(_ number: Int, digits: Int, to bytes: inout [UInt8]) {
        var divisor = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
            divisor /= 10
        }
    }
}
