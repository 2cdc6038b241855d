/// What went wrong, for a person to read, and what to do about it.
package struct UserFacingError: Error, Equatable, Sendable {
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
    package static func misuse(_ problem: String, hint: String? = nil) -> UserFacingError {
        UserFacingError(problem, hint: hint, isMisuse: true)
    }

    /// Where a value comes from, as messages name it.
    package enum Place: Equatable, Sendable, CustomStringConvertible {
        /// The command line: an option, `--until`, or an argument, `the address`.
        case option(String)
        /// A setting, a line of a file, an answer of AWS's.
        case elsewhere(String)

        package var description: String {
            switch self {
            case .option(let name), .elsewhere(let name): name
            }
        }

        /// The same place, named together with what stands there.
        package func naming(_ text: String) -> Place {
            switch self {
            case .option(let name): .option("\(name) \(text)")
            case .elsewhere(let name): .elsewhere("\(name) \(text)")
            }
        }
    }

    /// What is wrong with a value; on the command line that is misuse.
    package static func value(of place: Place, _ problem: String, hint: String? = nil) -> UserFacingError {
        let isMisuse =
            switch place {
            case .option: true
            case .elsewhere: false
            }
        return UserFacingError("\(place) \(problem)", hint: hint, isMisuse: isMisuse)
    }

    /// 64 for misuse, as of the parser's own refusals (`EX_USAGE`); else 1.
    package var exitCode: CInt { isMisuse ? 64 : 1 }

    /// Whoever read the output has seen enough, as `head` has: no failure, unless what was printed can't be had again.
    package static let readerGone = UserFacingError("nobody reads the output any more")
}
