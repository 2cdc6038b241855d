import ArgumentParser
import BursarConsole
import BursarFoundation
import BursarModel
import Reports
import Storage

struct ListSessions: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the researchers whose sessions live, and until when.",
        discussion: """
            By the records; AWS isn't asked. `ended` is the moment before which sessions
            were ended, if they were.

            Examples:
              admin sessions list
              admin sessions list --format csv
            """
    )

    @OptionGroup var shared: SharedOptions
    @Option(help: "table, json or csv.")
    var format = ListFormat.table

    func run() throws {
        try shared.run { context in
            let rows = try context.store().lists.liveSessions(at: context.now).map { Row($0, at: context.now) }
            try RowOutput(rows: rows, whenEmpty: "no session is alive").print(as: format, on: context.terminal)
        }
    }

    private struct Row: TableRow {
        static let columns: [Table.Column] = [
            .init("researcher"), .init("project", isElastic: true), .init("keys"), .init("last vend"),
            .init("alive until"), .init("ended"),
        ]

        let researcher: String
        let project: String
        let keys: Int
        let lastVend: String
        let aliveUntil: String
        let endedBefore: String?
        private let shortTimes: (lastVend: String, aliveUntil: String)

        private enum CodingKeys: CodingKey {
            case researcher, project, keys, lastVend, aliveUntil, endedBefore
        }

        init(_ sessions: LiveSessions, at now: Date) {
            shortTimes = (
                ShortTimestamp.moment(sessions.lastVend, at: now), ShortTimestamp.moment(sessions.liveUntil, at: now)
            )
            researcher = sessions.researcher
            project = sessions.projects.joined(separator: ", ")
            keys = sessions.keys
            lastVend = Timestamp.string(sessions.lastVend)
            aliveUntil = Timestamp.string(sessions.liveUntil)
            endedBefore = sessions.validFrom.map { Timestamp.string($0) }
        }

        var cells: [String] { [researcher, project, String(keys), lastVend, aliveUntil, endedBefore ?? ""] }

        /// Revocation times have seconds, since they are compared with the time of a request.
        var tableCells: [String] {
            [researcher, project, String(keys), shortTimes.lastVend, shortTimes.aliveUntil, endedBefore ?? ""]
        }
    }
}
