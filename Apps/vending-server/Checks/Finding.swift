import Console

/// What one check found.
struct Finding: Encodable, Equatable {
    enum Status: String, Encodable {
        case ok, warning, problem
    }

    let check: String
    let status: Status
    let detail: String
    var hint: String?

    static func ok(_ check: String, _ detail: String) -> Self {
        Self(check: check, status: .ok, detail: detail)
    }

    static func warning(_ check: String, _ detail: String, hint: String? = nil) -> Self {
        Self(check: check, status: .warning, detail: detail, hint: hint)
    }

    static func problem(_ check: String, _ problem: Problem) -> Self {
        Self(check: check, status: .problem, detail: problem.problem, hint: problem.hint)
    }
}

/// Everything that was found, as people or programs read it.
struct Findings: Encodable {
    let passed: Bool
    let findings: [Finding]

    init(_ findings: [Finding]) {
        self.findings = findings
        passed = !findings.contains { $0.status == .problem }
    }

    func text(_ decoration: Decoration) -> String {
        let width = findings.map(\.check.count).max() ?? 0
        let lines = findings.flatMap { finding -> [String] in
            let name = finding.check + String(repeating: " ", count: width - finding.check.count)
            let word = finding.status.rawValue + String(repeating: " ", count: 7 - finding.status.rawValue.count)
            let detail = ControlText.visible(finding.detail)
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
