import AWSAuth
import AWSClients
import ArgumentParser
import BursarConsole
import BursarFoundation
import BursarModel
import Reports
import ServerSettings
import Storage
import VendPreview
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
            let paused = try store.lists.pausedSince()
            let decisions = keys.map { key in
                KeyDecision(
                    of: try? key.key.record(),
                    id: key.key.id,
                    label: key.key.label,
                    used: key.used,
                    question,
                    view,
                    pausedSince: paused
                )
            }
            let report = WhatIfReport(researcher: researcher, question, view, decisions)
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
        guard let found = try store.lists.keyStandings(of: known, on: UTCDay(containing: date)) else {
            throw UserFacingError("there is no researcher \"\(known)\"", hint: "admin researchers list shows them")
        }
        guard !found.keys.isEmpty else {
            throw UserFacingError("\(found.researcher) has no key", hint: "admin keys issue \(found.researcher)")
        }
        guard let key else { return found }
        let id = try store.knownKey(key).id
        guard let match = found.keys.first(where: { $0.key.id == id }) else {
            throw UserFacingError("key \(id) is not one of \(found.researcher)'s", hint: "admin keys show \(id)")
        }
        return (found.researcher, [match])
    }
}
