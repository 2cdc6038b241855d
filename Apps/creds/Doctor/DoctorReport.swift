import Console

/// Findings on one screen.
struct DoctorReport {
    let findings: [Finding]

    var hasProblem: Bool { count(.problem) > 0 }

    func print(_ format: SheetFormat, _ terminal: Terminal) throws {
        switch format {
        case .table: try terminal.print(text(terminal.output))
        case .json: try terminal.print(JSONText.line(findings.map(Self.safe)))
        }
    }

    /// Words where nothing is decorated, marks and colours on a terminal.
    func text(_ decoration: Decoration) -> String {
        let labels = findings.map { Self.label($0.state, decoration) }
        let stateWidth = (labels.map { DisplayWidth.of($0.plain) }.max() ?? 0) + 2
        let checkWidth = (findings.map(\.check.rawValue.utf8.count).max() ?? 0) + 2
        var lines: [String] = []
        for (finding, label) in zip(findings.map(Self.safe), labels) {
            let name = finding.check.rawValue
            let blanks = String(repeating: " ", count: stateWidth - DisplayWidth.of(label.plain))
            let gap = String(repeating: " ", count: checkWidth - name.utf8.count)
            lines.append(label.shown + blanks + name + gap + finding.message)
            guard let fix = finding.fix else { continue }
            let indentation = String(repeating: " ", count: stateWidth + checkWidth)
            lines.append(indentation + "fix: " + decoration.bold(fix))
        }
        return (lines + ["", summary]).joined(separator: "\n")
    }

    var summary: String {
        let parts = [(count(.problem), "problem"), (count(.warning), "warning")]
            .filter { $0.0 > 0 }
            .map { "\($0.0) \($0.1)\($0.0 == 1 ? "" : "s")" }
        return parts.isEmpty ? "all is well" : parts.joined(separator: " and ")
    }

    private func count(_ state: Finding.State) -> Int { findings.count { $0.state == state } }

    /// Without what could move a cursor, and without a key that somebody put in the wrong place.
    private static func safe(_ finding: Finding) -> Finding {
        func shown(_ text: String) -> String { ControlText.visible(TypedSecrets.removed(from: text)) }
        return Finding(
            check: finding.check,
            state: finding.state,
            message: shown(finding.message),
            fix: finding.fix.map(shown)
        )
    }

    private static func label(_ state: Finding.State, _ decoration: Decoration) -> (plain: String, shown: String) {
        guard decoration != .plain else { return (state.rawValue, state.rawValue) }
        return switch state {
        case .ok: ("✓", decoration.green("✓"))
        case .warning: ("!", decoration.yellow("!"))
        case .problem: ("✗", decoration.red("✗"))
        case .skipped: ("·", decoration.dim("·"))
        }
    }
}
