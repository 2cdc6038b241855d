import BursarConsole
import BursarFoundation
import BursarModel

/// What went wrong last, as it is kept beside the session: one line, its parts between tabs.
struct LastFailure: Equatable, Sendable {
    let date: Date
    let problem: String
    let hint: String?

    init(_ problem: UserFacingError, at date: Date) {
        self.date = date
        self.problem = problem.problem
        hint = problem.hint
    }

    /// nil when the file is anything else.
    init?(line: String) {
        let parts = line.trimmingASCIIWhitespace().split(separator: "\t", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), let date = Timestamp.date(String(parts[0])) else { return nil }
        self.date = date
        problem = String(parts[1])
        hint = parts.count == 3 && !parts[2].isEmpty ? String(parts[2]) : nil
    }

    /// With no key in it, and nothing that could break the line.
    var line: String {
        [Timestamp.string(date), problem, hint ?? ""]
            .map { ControlText.visible(Redaction.keys(in: $0)) }
            .joined(separator: "\t") + "\n"
    }
}
