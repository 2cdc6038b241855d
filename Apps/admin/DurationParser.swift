import BursarConsole
import BursarModel

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
