/// The result of one check.
package struct Finding: Encodable, Equatable {
    package enum Status: String, Encodable {
        case ok, warning, problem
    }

    package let check: String
    package let status: Status
    package let detail: String
    package var hint: String?

    package static func ok(_ check: String, _ detail: String) -> Self {
        Self(check: check, status: .ok, detail: detail)
    }

    package static func warning(_ check: String, _ detail: String, hint: String? = nil) -> Self {
        Self(check: check, status: .warning, detail: detail, hint: hint)
    }

    package static func problem(_ check: String, _ problem: UserFacingError) -> Self {
        Self(check: check, status: .problem, detail: problem.problem, hint: problem.hint)
    }
}

/// Everything that was found, as people or programs read it.
package struct Findings: Encodable {
    package let passed: Bool
    package let findings: [Finding]

    package init(_ findings: [Finding]) {
        self.findings = findings
        passed = !findings.contains { $0.status == .problem }
    }

    /// Details longer than a terminal of `columns` are broken at blanks; hints stay one line, since most are commands.
    package func text(_ decoration: Decoration, columns: Int? = nil) -> String {
        let width = findings.map(\.check.count).max() ?? 0
        let lines = findings.flatMap { finding -> [String] in
            let name = finding.check + String(repeating: " ", count: width - finding.check.count)
            let word = finding.status.rawValue + String(repeating: " ", count: 7 - finding.status.rawValue.count)
            let indentation = 9 + width + 2
            let detail = Paragraph.wrapped(
                ControlText.visible(finding.detail),
                width: columns,
                first: indentation,
                hanging: indentation
            )
            let line = "\(Self.colored(word, finding.status, decoration))  \(name)  \(detail)"
            return [line] + [finding.hint].compactMap { $0 }.map { "         \(ControlText.visible($0))" }
        }
        return lines.joined(separator: "\n")
    }

    private static func colored(_ word: String, _ status: Finding.Status, _ decoration: Decoration) -> String {
        switch status {
        case .ok: decoration.green(word)
        case .warning: decoration.yellow(word)
        case .problem: decoration.red(word)
        }
    }
}
