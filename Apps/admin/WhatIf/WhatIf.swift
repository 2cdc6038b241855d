import AWSAuth
import AWSClients
import ArgumentParser
import BursarConsole
import BursarFoundation
import BursarModel
import Reports
import ServerSettings
import Storage
import Vending

struct WhatIf: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "whatif",
        abstract: "What the server would decide: for whom, from where, when, and by which rule.",
        discussion: #"""
            Nothing is asked of the server or of AWS: the same rules are asked about the
            same rows. --at moves the clock, not the rows: keys and settings are those of
            now. That the key's secret is right is taken for granted.

            Examples:
              admin whatif ada
              admin whatif ada --ip 192.0.2.7 \
                --model anthropic.claude-sonnet-4-20250514-v1:0
              admin whatif ada --key 7c3kq9 --at 2027-03-01 --format json
            """#
    )

    @OptionGroup var shared: SharedOptions
    @Argument(help: "The researcher's handle.", completion: .handles)
    var handle: String
    @Option(help: ArgumentHelp("One key only; its first characters will do.", valueName: "id"), completion: .keyIDs)
    var key: String?
    @Option(help: ArgumentHelp("Where the request would come from.", valueName: "address"))
    var ip: String?
    @Option(help: ArgumentHelp("The model that is to be invoked: its id, profile or ARN.", valueName: "model"))
    var model: String?
    @Option(help: ArgumentHelp("A bearer token for this region would be asked for.", valueName: "region"))
    var tokenRegion: String?
    @Option(help: ArgumentHelp("When, as a UTC day or time; now unless given.", valueName: "time"))
    var at: String?
    @Option(help: "text or json.")
    var format = ReportFormat.text

    func run() throws {
        try shared.run { context in
            let question = try question(context)
            let view = try LocalServerSettings(context)
            let store = try context.store()
            let (researcher, keys) = try keys(in: store, at: question.date)
            let paused = try store.pausedSince()
            let answers = keys.map { KeyDecision($0, question, view, pausedSince: paused) }
            let report = WhatIfReport(researcher: researcher, question, view, answers)
            try context.terminal.print(
                format == .json ? try JSONText.of(report) : try report.text(columns: context.terminal.width)
            )
        }
    }

    private func question(_ context: AdminContext) throws(UserFacingError) -> WhatIfRequest {
        var date = context.now
        if let at { date = try TimeOption.start(at, "--at") }
        var address: IPAddress?
        if let ip {
            guard let parsed = IPAddress(ip) else {
                throw UserFacingError.misuse(
                    "--ip \"\(ip)\" is not an address",
                    hint: "write it as 192.0.2.7 or 2001:db8::7"
                )
            }
            address = parsed
        }
        var model: InvokedModel?
        if let name = self.model {
            guard let parsed = try InvokedModel(name) else {
                throw UserFacingError.misuse(
                    "--model \"\(name)\" is not a model's id or ARN",
                    hint: "aws bedrock list-foundation-models"
                )
            }
            model = parsed
        }
        return WhatIfRequest(date: date, today: context.now, address: address, model: model, region: tokenRegion)
    }

    private func keys(in store: Store, at date: Date) throws -> (researcher: String, keys: [KeyStanding]) {
        let known = try store.knownResearcher(handle, at: date).researcher.handle
        guard let found = try store.keyStandings(of: known, on: UTCDay(containing: date)) else {
            throw UserFacingError("there is no researcher \"\(known)\"", hint: "admin researchers list shows them")
        }
        guard !found.keys.isEmpty else {
            throw UserFacingError("\(found.researcher) has no key", hint: "admin keys issue \(found.researcher)")
        }
        guard let key else { return found }
        let id = try store.knownKey(key).id
        guard let match = found.keys.first(where: { $0.id == id }) else {
            throw UserFacingError("key \(id) is not one of \(found.researcher)'s", hint: "admin keys show \(id)")
        }
        return (found.researcher, [match])
    }
}

/// The hypothetical request.
struct WhatIfRequest {
    let date: Date
    let today: Date
    let address: IPAddress?
    let model: InvokedModel?
    let region: String?
}

/// The decisions for all requested keys, for programs and people.
struct WhatIfReport: Encodable {
    let researcher: String
    let at: String
    let address: String?
    let assumptions: [String]
    let keys: [KeyDecision]

    init(researcher: String, _ question: WhatIfRequest, _ view: LocalServerSettings, _ keys: [KeyDecision]) {
        self.researcher = researcher
        at = Timestamp.string(question.date)
        address = question.address?.description
        assumptions = view.assumptions
        self.keys = keys
    }

    /// Returns text for a terminal of `columns`, or for a pipe.
    func text(columns: Int?) throws -> String {
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
        if let session = key.session {
            let lifetime = TimeSpan(seconds: session.seconds)
            lines.append(line("session", "a new one lives \(lifetime), until \(session.ends)"))
            lines.append(line("", "what is handed out again has half of its life left at least"))
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
