#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The rules for talking to people, all of them.
///
/// stdout is data, and only that. stderr is for people: `creds: error: …`, then `creds: hint: …` with the next step.
/// Text that a server or a file supplied never reaches a terminal with its control characters, and no key reaches
/// stderr.
package struct Terminal: Sendable {
    /// The decoration of stdout.
    package let output: Decoration
    /// The decoration of stderr.
    package let errors: Decoration
    /// The width of stdout in columns; nil if it is no terminal.
    package let width: Int?
    /// The width of stderr in columns; nil if it is no terminal.
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

    /// Prints an action that was done to stderr, on one line, so that a command in it can be copied.
    package func note(_ text: String) {
        line("", text)
    }

    /// Prints a longer text without commands to stderr: broken at blanks, and indented behind the program's
    /// name.
    package func explain(_ text: String) {
        line("", text, isWrapped: true)
    }

    /// Prints a remark that most users know already to stderr, faint.
    package func aside(_ text: String) {
        let line = "\(program): \(ControlText.visible(Redaction.keys(in: text)))"
        try? StandardStream.errors.write(errors.dim(line) + "\n")
    }

    /// Prints a warning to stderr; the command continues.
    package func warn(_ warning: UserFacingError) {
        report(warning, as: "warning", errors.yellow)
    }

    /// Prints the error that stopped the command to stderr.
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
        // There is no other place to report a failure to write to stderr.
        try? StandardStream.errors.write("\(program): \(label.isEmpty ? "" : decorate(label) + ": ")\(shown)\n")
    }
}

/// The size of a terminal in columns and rows.
package struct TerminalSize: Equatable, Sendable {
    package let columns: Int
    package let rows: Int

    package init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
    }

    /// Of the terminal behind `stream`, 80 by 24 when it doesn't say; nil when there is none.
    package init?(of stream: StandardStream) {
        guard stream.isTerminal else { return nil }
        var size = winsize()
        let isKnown = ioctl(stream.rawValue, UInt(TIOCGWINSZ), &size) == 0
        self.init(
            columns: isKnown && size.ws_col > 0 ? Int(size.ws_col) : 80,
            rows: isKnown && size.ws_row > 0 ? Int(size.ws_row) : 24
        )
    }
}

/// Bold and colour, or their absence.
package struct Decoration: Equatable, Sendable {
    /// Text as it is: files, pipes and plain terminals.
    package static let plain = Self(isOn: false)
    /// For terminals that colours are welcome on.
    package static let colored = Self(isOn: true)

    private let isOn: Bool

    private init(isOn: Bool) {
        self.isOn = isOn
    }

    /// Decoration is for terminals, unless `NO_COLOR` holds anything or `TERM` is `dumb` (https://no-color.org).
    package init(isTerminal: Bool, environment: [String: String]) {
        isOn = isTerminal && environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
    }

    package func bold(_ text: String) -> String { wrap(text, "1") }
    package func dim(_ text: String) -> String { wrap(text, "2") }
    package func red(_ text: String) -> String { wrap(text, "1;31") }
    package func green(_ text: String) -> String { wrap(text, "32") }
    package func yellow(_ text: String) -> String { wrap(text, "33") }

    /// Every sequence of control characters that decoration consists of.
    static let codes = ["0", "1", "2", "1;31", "32", "33"].map { "\u{1B}[\($0)m" }

    private func wrap(_ text: String, _ code: String) -> String {
        isOn ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
