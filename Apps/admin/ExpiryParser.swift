import BursarConsole
import BursarFoundation
import BursarModel

/// When something ends, as operators type it; `name` is the option or column that it stands in.
enum ExpiryParser {
    /// A length of time from `now` on, `90d`, or a UTC day that it lasts through, `2027-06-30`.
    static func moment(_ text: String, _ name: UserFacingError.Place, from now: Date) throws(UserFacingError) -> Date {
        if text.contains("-") { return try day(text, name, from: now) }
        let hint = "write it as 90d or 12h, or name the last day: 2027-06-30"
        let span = try DurationParser.read(text, name, hint: hint)
        guard span.seconds > 0 else {
            throw UserFacingError.value(of: name, "\"\(ControlText.brief(text))\" is not a length of time", hint: hint)
        }
        return now.addingTimeInterval(TimeInterval(span.seconds))
    }

    /// The end of a UTC day that isn't over.
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

    /// The last whole UTC day before `end`: what was typed.
    static func lastDay(before end: Date) -> String {
        UTCDay(containing: end.addingTimeInterval(-0.001)).description
    }
}

/// A length of time as operators type it: always with its unit, since 30 may be meant as days or as seconds.
enum DurationParser {
    /// `name` is the option or column that `text` stands in; `0` needs no unit.
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
