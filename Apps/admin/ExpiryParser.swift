import BursarConsole
import BursarFoundation
import BursarModel

/// Parses the end of a key or a stay; `name` is its option or column.
enum ExpiryParser {
    /// Parses a length of time from `now` on, `90d`, or the last UTC day, `2027-06-30`.
    static func moment(_ text: String, _ name: UserFacingError.Place, from now: Date) throws(UserFacingError) -> Date {
        if text.contains("-") { return try day(text, name, from: now) }
        let hint = "write it as 90d or 12h, or name the last day: 2027-06-30"
        let span = try DurationParser.read(text, name, hint: hint)
        guard span.seconds > 0 else {
            throw UserFacingError.value(of: name, "\"\(ControlText.brief(text))\" is not a length of time", hint: hint)
        }
        return now.addingTimeInterval(TimeInterval(span.seconds))
    }

    /// Parses a UTC day that isn't over, and returns its end.
    static func day(_ text: String, _ name: UserFacingError.Place, from now: Date) throws(UserFacingError) -> Date {
        guard let day = UTCDay(text) else {
            throw UserFacingError.value(
                of: name,
                "\"\(ControlText.brief(text))\" \(UTCDay.flaw(of: text))",
                hint: "write it as 2027-06-30"
            )
        }
        let end = UTCDay(number: day.number + 1).start
        guard end > now else {
            throw UserFacingError.value(of: name, "\(day) is over already", hint: "name a day that is to come")
        }
        return end
    }

    /// The last whole UTC day before `end`, as it is typed.
    static func lastDay(before end: Date) -> String {
        UTCDay(containing: end.addingTimeInterval(-0.001)).description
    }
}

/// Parses a length of time.
///
/// A unit is required, since 30 may mean days or seconds.
enum DurationParser {
    /// Parses `text`, the value of the option or column `name`; only `0` needs no unit.
    static func read(_ text: String, _ name: UserFacingError.Place, hint: String) throws(UserFacingError) -> TimeSpan {
        guard let span = TimeSpan(text) else {
            throw UserFacingError.value(
                of: name,
                "\"\(ControlText.brief(text))\" \(TimeSpan.flaw(of: text))",
                hint: hint
            )
        }
        guard span.seconds == 0 || text.last?.isLetter == true else {
            throw UserFacingError.value(of: name, "\"\(ControlText.brief(text))\" has no unit", hint: hint)
        }
        return span
    }
}
