/// Asks before something is taken away.
package struct Confirmation: Sendable {
    /// Both ends are a person's: questions go to stderr, answers come from stdin.
    private let isInteractive: Bool
    /// `--yes` was given.
    private let isGiven: Bool

    /// `isGiven` is `--yes`, which answers without being asked.
    package init(isGiven: Bool) {
        self.isGiven = isGiven
        isInteractive = StandardStream.input.isTerminal && StandardStream.errors.isTerminal
    }

    /// Returns when the person agrees.
    ///
    /// - Throws: a ``UserFacingError`` if the answer is no, or without a terminal.
    package func ask(_ question: String) throws(UserFacingError) {
        if isGiven { return }
        guard isInteractive else {
            throw UserFacingError("there is no terminal to ask: \(question)", hint: "add --yes to agree")
        }
        try StandardStream.errors.write("\(ControlText.visible(Redaction.keys(in: question))) [y/N] ")
        guard Self.isYes(readLine() ?? "") else { throw UserFacingError("stopped; nothing was changed") }
    }

    /// Returns when the person types `name`: for what can't be made good again.
    ///
    /// - Throws: a ``UserFacingError`` if the answer is no, or without a terminal.
    package func ask(_ question: String, typing name: String) throws(UserFacingError) {
        if isGiven { return }
        guard isInteractive else {
            throw UserFacingError("there is no terminal to ask: \(question)", hint: "add --yes to agree")
        }
        try StandardStream.errors.write("\(ControlText.visible(question)) type \(ControlText.visible(name)) to go on: ")
        guard readLine() == name else { throw UserFacingError("stopped; nothing was changed") }
    }

    static func isYes(_ answer: String) -> Bool {
        ["y", "yes"].contains(answer.lowercased().filter { $0 != " " })
    }
}
