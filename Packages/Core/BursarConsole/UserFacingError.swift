/// An error for a person to read, with a hint at the next step.
package struct UserFacingError: Error, Equatable, Sendable {
    /// Lower case, without a full stop, without a secret.
    package let problem: String
    /// The next step, best a command to run.
    package let hint: String?
    /// True if the command line itself is wrong: an impossible value, options that contradict each other.
    package let isMisuse: Bool

    package init(_ problem: String, hint: String? = nil) {
        self.init(problem, hint: hint, isMisuse: false)
    }

    private init(_ problem: String, hint: String?, isMisuse: Bool) {
        self.problem = problem
        self.hint = hint
        self.isMisuse = isMisuse
    }

    /// An error in the command line itself, independent of files, database and server.
    package static func misuse(_ problem: String, hint: String? = nil) -> UserFacingError {
        UserFacingError(problem, hint: hint, isMisuse: true)
    }

    /// The source of a value, as messages name it.
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

        /// The same place, named together with its content.
        package func naming(_ text: String) -> Place {
            switch self {
            case .option(let name): .option("\(name) \(text)")
            case .elsewhere(let name): .elsewhere("\(name) \(text)")
            }
        }
    }

    /// An error in a value; on the command line it is misuse.
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

    /// The reader closed the pipe, as `head` does: not a failure, unless the output cannot be reproduced.
    package static let readerGone = UserFacingError("the reader of the output is gone")
}
