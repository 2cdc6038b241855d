import BursarCore
import Console

/// A length of time as operators type it: always with its unit, since 30 may be meant as days or as seconds.
enum TypedSpan {
    /// `name` is the option or column that `text` stands in; `0` needs no unit.
    static func read(_ text: String, _ name: Problem.Place, hint: String) throws(Problem) -> TimeSpan {
        guard let span = TimeSpan(text) else {
            throw Problem.value(of: name, "\"\(ControlText.brief(text))\" \(TimeSpan.flaw(of: text))", hint: hint)
        }
        guard span.seconds == 0 || text.last?.isLetter == true else {
            throw Problem.value(of: name, "\"\(ControlText.brief(text))\" has no unit", hint: hint)
        }
        return span
    }
}
