/// The rules for talking to people, all of them.
///
/// stdout is data, and only that. stderr is for people: `creds: error: …`, then `creds: hint: …` with the next step.
/// Text that a server or a file supplied never reaches a terminal with its control characters, and no key reaches stderr.
package struct Terminal: Sendable {
    /// How stdout may be decorated.
    package let output: Decoration
    /// How stderr may be decorated.
    package let errors: Decoration
    /// How many columns stdout has; nil where it is no terminal.
    package let width: Int?
    private let program: String
    private let isOutputTerminal: Bool

    /// Each line on stderr begins with the name of the `program`.
    package init(program: String, environment: [String: String]) {
        self.program = program
        width = TerminalSize(of: .output)?.columns
        isOutputTerminal = StandardStream.output.isTerminal
        output = Decoration(isTerminal: isOutputTerminal, environment: environment)
        errors = Decoration(isTerminal: StandardStream.errors.isTerminal, environment: environment)
    }

    /// Data on stdout, and a line end; to a file or a pipe as it is, to a terminal without what would steer it.
    package func print(_ text: String) throws(Problem) {
        let text = text + "\n"
        try StandardStream.output.write(isOutputTerminal ? ControlText.lines(text, output) : text)
    }

    /// What was done, on stderr.
    package func note(_ text: String) {
        line("", text)
    }

    /// What will go wrong later, on stderr; the command goes on.
    package func warn(_ warning: Problem) {
        report(warning, as: errors.yellow("warning"))
    }

    /// What stopped the command, on stderr.
    package func fail(_ problem: Problem) {
        report(problem, as: errors.red("error"))
    }

    private func report(_ problem: Problem, as kind: String) {
        line("\(kind): ", problem.problem)
        guard let hint = problem.hint else { return }
        line("\(errors.bold("hint")): ", hint)
    }

    private func line(_ label: String, _ text: String) {
        // Nobody is left to tell when stderr can't be written.
        try? StandardStream.errors.write("\(program): \(label)\(ControlText.visible(Redaction.keys(in: text)))\n")
    }
}
