/// What went wrong, for a person to read, and what to do about it.
package struct Problem: Error, Equatable, Sendable {
    /// Lower case, without a full stop, without a secret.
    package let problem: String
    /// The next step, best a command to run.
    package let hint: String?

    package init(_ problem: String, hint: String? = nil) {
        self.problem = problem
        self.hint = hint
    }

    /// Whoever read the output has seen enough, as `head` has: no failure, unless what was printed can't be had again.
    package static let readerGone = Problem("nobody reads the output any more")
}
