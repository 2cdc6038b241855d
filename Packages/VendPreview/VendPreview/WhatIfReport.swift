import AWSClients
import BursarConsole
package import BursarFoundation
package import BursarModel
package import ServerSettings

/// The hypothetical request.
package struct WhatIfRequest: Sendable {
    package let date: Date
    let today: Date
    let address: IPAddress?
    let model: InvokedModel?
    /// The region of a bearer token; nil for credentials.
    let region: String?

    /// `today` is the time of asking, and `date` that of the request.
    package init(date: Date, today: Date, address: IPAddress?, model: InvokedModel?, region: String?) {
        self.date = date
        self.today = today
        self.address = address
        self.model = model
        self.region = region
    }
}

/// The decisions for all requested keys, for programs and people.
package struct WhatIfReport: Encodable {
    let researcher: String
    let at: String
    let address: String?
    let assumptions: [String]
    let keys: [KeyDecision]

    package init(
        researcher: String,
        _ question: WhatIfRequest,
        _ view: LocalServerSettings,
        _ keys: [KeyDecision]
    ) {
        self.researcher = researcher
        at = Timestamp.string(question.date)
        address = question.address?.description
        assumptions = view.assumptions
        self.keys = keys
    }

    /// Returns text for a terminal of `columns`, or for a pipe.
    package func text(columns: Int?) throws -> String {
        let head = ["at \(at)" + (address.map { ", from \($0)" } ?? "")] + assumptions.map { "assumed: \($0)" }
        // The summary comes first, since the details may fill more than a screen.
        let summary = keys.count > 1 ? [keys.map(headline)] : []
        let blocks =
            try ([head] + summary).map { $0.map { ControlText.visible($0) } } + keys.map { try lines($0, columns) }
        return blocks.map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
    }

    private func lines(_ key: KeyDecision, _ columns: Int?) throws -> [String] {
        var lines = [headline(key)]
        for rule in key.rules { lines.append(line(rule.rule, "\(padded(rule.outcome.rawValue, 9))\(rule.detail)")) }
        lines.append(line("rate", key.rate + "; how much of it is left, only the server knows"))
        if let project = key.project { lines.append(line("project", project)) }
        if let session = key.session {
            let lifetime = TimeSpan(seconds: session.seconds)
            lines.append(line("session", "a new one lives \(lifetime), until \(session.ends)"))
            lines.append(line("", "what is handed out again has half of its life left at least"))
            if let name = session.name { lines.append(line("", "its name in AWS is \(name)")) }
            if let role = session.role { lines.append(line("role", role)) }
        }
        if let model = key.model { lines.append(line("model", "\(model): \(modelWords(key))")) }
        lines = lines.map { wrapped(ControlText.visible($0), columns) }
        if let policy = key.session?.policy { lines += ["", try policy.pretty()] }
        return lines
    }

    private func headline(_ key: KeyDecision) -> String {
        let label = key.label.map { " (\($0))" } ?? ""
        return "\(researcher), key \(key.key)\(label): \(verdict(key))"
    }

    private func verdict(_ key: KeyDecision) -> String {
        var limit = ""
        if key.modelAllowed == false, let model = key.model { limit = ", but AWS refuses \(model)" }
        return switch key.decision {
        case .vend: "would be vended" + limit
        case .open: "would be vended from an address that the lists take (--ip says which)" + limit
        case .refuse: "would be refused by \(key.rule ?? "-"): \(key.code ?? "-")"
        }
    }

    private func modelWords(_ key: KeyDecision) -> String {
        switch key.modelAllowed {
        case true: "allowed, as far as the role allows it"
        case false: "\(key.modelReason ?? "it is not allowed"), so AWS refuses it"
        case nil: "an application's profile: only AWS knows which model it leads to"
        }
    }

    private func line(_ name: String, _ text: String) -> String {
        "  " + padded(name, Self.indentation - 2) + text
    }

    /// Wraps a line with a hanging indent behind the name.
    private func wrapped(_ line: String, _ columns: Int?) -> String {
        guard line.hasPrefix("  ") else { return Paragraph.wrapped(line, width: columns, hanging: 2) }
        let (name, text) = (line.prefix(Self.indentation), line.dropFirst(Self.indentation))
        let indentation = Self.indentation
        return String(name) + Paragraph.wrapped(String(text), width: columns, first: indentation, hanging: indentation)
    }

    private static let indentation = 20

    private func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }
}
