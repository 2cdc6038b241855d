import ArgumentParser
import BursarConsole
import BursarFoundation
import BursarModel
import Enrollment
import Reports
import Storage
import Vending

struct ShowResearcher: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "All that is known of a researcher, with their keys and their use.",
        discussion: """
            Examples:
              admin researchers show ada
              admin researchers show ada --format json
            """
    )

    @OptionGroup var shared: SharedOptions
    @Argument(help: "The researcher's handle.", completion: .handles)
    var handle: String
    @Option(help: "table or json.")
    var format = KeyValueFormat.table

    func run() throws {
        try shared.run { context in
            let store = try context.store()
            let listed = try store.knownResearcher(handle, at: context.now)
            let keys = try store.lists.keys(of: listed.researcher.handle)
            let today = UTCDay(containing: context.now)
            let ids = keys.map(\.id)
            let shown = Shown(
                listed,
                keys.map { KeyRow($0, at: context.now) },
                vendsToday: try store.lists.vends(to: ids, in: today...today),
                vendsIn30Days: try store.lists.vends(to: ids, in: UTCDay(number: today.number - 29)...today),
                at: context.now
            )
            try context.terminal.print(shown, as: format)
            guard format == .table else { return }
            guard !shown.keys.isEmpty else {
                return context.terminal.note("no keys: admin keys issue \(shown.researcher)")
            }
            try context.terminal.print("")
            try RowOutput(rows: shown.keys, whenEmpty: "").print(as: .table, on: context.terminal)
        }
    }

    private struct Shown: DetailSheet {
        let researcher: String
        let name: String
        let email: String
        let project: String
        let sponsor: String?
        let note: String?
        let state: String
        let until: String?
        let added: String
        let disabled: String?
        let disabledReason: String?
        let vendsToday: Int
        let vendsIn30Days: Int
        let lastVend: String?
        let keys: [KeyRow]

        init(_ listed: StoredResearcher, _ keys: [KeyRow], vendsToday: Int, vendsIn30Days: Int, at date: Date) {
            let person = listed.researcher
            researcher = person.handle.description
            name = person.name
            email = person.email
            project = person.project
            sponsor = person.sponsor
            note = person.note
            state = listed.state(at: date).rawValue
            until = person.ends.map { ExpiryParser.lastDay(before: $0) }
            added = Timestamp.string(listed.created)
            disabled = listed.disabled.map { Timestamp.string($0) }
            disabledReason = listed.disabledReason
            self.vendsToday = vendsToday
            self.vendsIn30Days = vendsIn30Days
            lastVend = listed.lastVend.map { Timestamp.string($0) }
            self.keys = keys
        }

        var details: KeyValueTable {
            var details = KeyValueTable()
            details.add("researcher", researcher)
            details.add("name", name)
            details.add("email", email)
            details.add("project", project)
            details.add("sponsor", sponsor)
            if let note { details.add("note", note) }
            details.add("state", state)
            if let disabled { details.add("switched off", disabled + (disabledReason.map { ", \($0)" } ?? "")) }
            details.add("until", until)
            details.add("added", added)
            details.add("vends today", String(vendsToday))
            details.add("in 30 days", String(vendsIn30Days))
            details.add("last vend", lastVend)
            return details
        }
    }
}
