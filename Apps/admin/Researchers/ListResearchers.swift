import ArgumentParser
import BursarConsole
import BursarFoundation
import BursarModel
import Enrollment
import Reports
import Storage
import Vending

struct ListResearchers: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the researchers.",
        discussion: """
            Examples:
              admin researchers list
              admin researchers list --project engines --state disabled --format csv
            """
    )

    @OptionGroup var shared: SharedOptions
    @Option(help: "Only this project's.", completion: .projects)
    var project: String?
    @Option(help: "Only those.")
    var state: StoredResearcher.State?
    @Option(help: "table, json or csv.")
    var format = ListFormat.table

    func run() throws {
        try shared.run { context in
            let store = try context.store()
            let project = try project.map { try store.knownProject($0) }
            let rows = try store.lists.listedResearchers(project: project, at: context.now)
                .filter { state == nil || $0.state(at: context.now) == state }
                .map { Row($0, at: context.now) }
            let isFiltered = project != nil || state != nil
            let whenEmpty =
                isFiltered ? "no researcher is like that" : "no researchers yet: admin researchers add HANDLE …"
            try RowOutput(rows: rows, whenEmpty: whenEmpty).print(as: format, on: context.terminal)
        }
    }

    private struct Row: TableRow {
        static let columns: [Table.Column] = [
            .init("researcher"), .init("name", isElastic: true), .init("email", isElastic: true, isMinor: true),
            .init("project", isElastic: true), .init("sponsor", isElastic: true, isMinor: true), .init("state"),
            .init("keys", .right), .init("until"), .init("last vend"),
        ]

        let researcher: String
        let name: String
        let email: String
        let project: String
        let sponsor: String?
        let state: String
        let keys: Int
        let until: String?
        let added: String
        let lastVend: String?
        private let shortLastVend: String?

        private enum CodingKeys: CodingKey {
            case researcher, name, email, project, sponsor, state, keys, until, added, lastVend
        }

        init(_ listed: StoredResearcher, at date: Date) {
            let person = listed.researcher
            researcher = person.handle.description
            name = person.name
            email = person.email
            project = person.project
            sponsor = person.sponsor
            state = listed.state(at: date).rawValue
            keys = listed.activeKeys
            until = person.ends.map { ExpiryParser.lastDay(before: $0) }
            added = Timestamp.string(listed.created)
            shortLastVend = listed.lastVend.map { ShortTimestamp.moment($0, at: date) }
            lastVend = listed.lastVend.map { Timestamp.string($0) }
        }

        var cells: [String] { cells(lastVend) }
        var tableCells: [String] { cells(shortLastVend) }

        private func cells(_ lastVend: String?) -> [String] {
            [
                researcher, name, email, project, sponsor ?? "", state, String(keys), until ?? "", lastVend ?? "",
            ]
        }
    }
}

extension StoredResearcher.State: ExpressibleByArgument {}
