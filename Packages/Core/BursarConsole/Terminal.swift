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
    /// How many columns stderr has; nil where it is no terminal.
    package let errorWidth: Int?
    private let program: String
    private let isOutputTerminal: Bool

    /// Each line on stderr begins with the name of the `program`.
    package init(program: String, environment: [String: String]) {
        self.program = program
        width = TerminalSize(of: .output)?.columns
        errorWidth = TerminalSize(of: .errors)?.columns
        isOutputTerminal = StandardStream.output.isTerminal
        output = Decoration(isTerminal: isOutputTerminal, environment: environment)
        errors = Decoration(isTerminal: StandardStream.errors.isTerminal, environment: environment)
    }

    /// Data on stdout, and a line end; to a file or a pipe as it is, to a terminal without what would steer it.
    package func print(_ text: String) throws(UserFacingError) {
        let text = text + "\n"
        try StandardStream.output.write(isOutputTerminal ? ControlText.lines(text, output) : text)
    }

    /// What was done, on stderr; one line, so that a command in it can be copied.
    package func note(_ text: String) {
        line("", text)
    }

    /// What is longer than a line and holds no command, on stderr: broken at blanks, and indented behind the program's
    /// name.
    package func explain(_ text: String) {
        line("", text, isWrapped: true)
    }

    /// What most know already, on stderr and faint.
    package func aside(_ text: String) {
        let line = "\(program): \(ControlText.visible(Redaction.keys(in: text)))"
        try? StandardStream.errors.write(errors.dim(line) + "\n")
    }

    /// What will go wrong later, on stderr; the command goes on.
    package func warn(_ warning: UserFacingError) {
        report(warning, as: "warning", errors.yellow)
    }

    /// What stopped the command, on stderr.
    package func fail(_ problem: UserFacingError) {
        report(problem, as: "error", errors.red)
    }

    /// A hint stays one line, since most are commands to copy.
    private func report(_ problem: UserFacingError, as kind: String, _ decorate: (String) -> String) {
        line(kind, problem.problem, decorate, isWrapped: true)
        guard let hint = problem.hint else { return }
        line("hint", hint, errors.bold)
    }

    private func line(
        _ label: String,
        _ text: String,
        _ decorate: (String) -> String = { $0 },
        isWrapped: Bool = false
    ) {
        let text = ControlText.visible(Redaction.keys(in: text))
        let indentation = program.count + 2
        let shown = Paragraph.wrapped(
            text,
            width: isWrapped ? errorWidth : nil,
            first: indentation + (label.isEmpty ? 0 : label.count + 2),
            hanging: indentation
        )
        // Nobody is left to tell when stderr can't be written.
        try? StandardStream.errors.write("\(program): \(label.isEmpty ? "" : decorate(label) + ": ")\(shown)\n")
    }
}
