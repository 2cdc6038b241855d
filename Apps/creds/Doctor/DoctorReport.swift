import BursarConsole

/// The rendered findings.
struct DoctorReport {
    let findings: [DoctorFinding]
    /// The home folder: paths below it are shown with `~`; nil when it isn't known.
    var home: String?

    var hasProblem: Bool { count(.problem) > 0 }

    func print(_ format: KeyValueFormat, _ terminal: Terminal) throws {
        switch format {
        case .table: try terminal.print(text(terminal.output, width: terminal.width))
        case .json: try terminal.print(JSONText.line(findings.map(Self.safe)))
        }
    }

    /// Plain words without decoration, marks and colours on a terminal.
    ///
    /// On a terminal of `width` columns with too little room beside the marks, messages go below them. Commands are
    /// never wrapped, so that they can be copied.
    func text(_ decoration: Decoration, width: Int? = nil) -> String {
        let labels = findings.map { Self.label($0.state, decoration) }
        let stateWidth = (labels.map { DisplayWidth.of($0.plain) }.max() ?? 0) + 2
        let checkWidth = (findings.map(\.check.rawValue.utf8.count).max() ?? 0) + 2
        let isBeside = width.map { $0 - stateWidth - checkWidth >= Paragraph.least } ?? true
        let indentation = isBeside ? stateWidth + checkWidth : 2
        var lines: [String] = []
        for (finding, label) in zip(findings.map(Self.safe), labels) {
            let name = finding.check.rawValue
            let head = label.shown + Self.blanks(stateWidth - DisplayWidth.of(label.plain)) + name
            let message = HomePath.shown(finding.message, home: home)
            let text = Paragraph.wrapped(message, width: width, first: indentation, hanging: indentation)
            lines +=
                isBeside
                ? [head + Self.blanks(checkWidth - name.utf8.count) + text] : [head, Self.blanks(indentation) + text]
            guard let fix = finding.fix.map({ HomePath.shown($0, home: home, isCommand: true) }) else { continue }
            let isLong = width.map { indentation + "fix: ".count + DisplayWidth.of(fix) > $0 } ?? false
            lines.append(Self.blanks(isLong ? 2 : indentation) + "fix: " + decoration.bold(fix))
        }
        return (lines + ["", summary]).joined(separator: "\n")
    }

    var summary: String {
        let parts = [(count(.problem), "problem"), (count(.warning), "warning")]
            .filter { $0.0 > 0 }
            .map { "\($0.0) \($0.1)\($0.0 == 1 ? "" : "s")" }
        return parts.isEmpty ? "all is well" : parts.joined(separator: " and ")
    }

    private static func blanks(_ count: Int) -> String { String(repeating: " ", count: count) }

    private func count(_ state: DoctorFinding.State) -> Int { findings.count { $0.state == state } }

    /// The finding without control characters, and without keys that the user put in the wrong place.
    private static func safe(_ finding: DoctorFinding) -> DoctorFinding {
        func shown(_ text: String) -> String { ControlText.visible(CommandLineRedaction.removed(from: text)) }
        return DoctorFinding(
            check: finding.check,
            state: finding.state,
            message: shown(finding.message),
            fix: finding.fix.map(shown)
        )
    }

    private static func label(_ state: DoctorFinding.State, _ decoration: Decoration) -> (plain: String, shown: String)
    {
        guard decoration != .plain else { return (state.rawValue, state.rawValue) }
        return switch state {
        case .ok: ("✓", decoration.green("✓"))
        case .warning: ("!", decoration.yellow("!"))
        case .problem: ("✗", decoration.red("✗"))
        case .skipped: ("·", decoration.dim("·"))
        }
    }
}
