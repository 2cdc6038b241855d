/// What went wrong, for a person to read, and what to do about it.
package struct Problem: Error, Equatable, Sendable {
    /// Lower case, without a full stop, without a secret.
    package let problem: String
    /// The next step, best a command to run.
    package let hint: String?
    /// Whether the command line is to blame, by itself: a value that can't be meant, options that contradict each other.
    package let isMisuse: Bool

    package init(_ problem: String, hint: String? = nil) {
        self.init(problem, hint: hint, isMisuse: false)
    }

    private init(_ problem: String, hint: String?, isMisuse: Bool) {
        self.problem = problem
        self.hint = hint
        self.isMisuse = isMisuse
    }

    /// What is wrong with the command line whatever the files, the database or the server hold.
    package static func misuse(_ problem: String, hint: String? = nil) -> Problem {
        Problem(problem, hint: hint, isMisuse: true)
    }

    /// What is wrong with a value: of an option (`--until`), which makes it misuse, or of what else `place` names, as a
    /// line of a file or a setting.
    package static func value(of place: String, _ problem: String, hint: String? = nil) -> Problem {
        Problem("\(place) \(problem)", hint: hint, isMisuse: place.hasPrefix("--"))
    }

    /// 64 for misuse, as of the parser's own refusals (`EX_USAGE`); else 1.
    package var exitCode: CInt { isMisuse ? 64 : 1 }

    /// Whoever read the output has seen enough, as `head` has: no failure, unless what was printed can't be had again.
    package static let readerGone = Problem("nobody reads the output any more")
}
