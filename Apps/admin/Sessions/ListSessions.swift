import ArgumentParser
import BursarCore
import Console
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
        try shared.run { desk in
            let rows = try desk.store().liveSessions(at: desk.now).map(Row.init)
            try Listing(rows: rows, whenEmpty: "no session is alive").print(as: format, on: desk.terminal)
        }
    }

    private struct Row: Listed {
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

        init(_ sessions: LiveSessions) {
            researcher = sessions.researcher
            project = sessions.project
            keys = sessions.keys
            lastVend = Timestamp.string(sessions.lastVend)
            aliveUntil = Timestamp.string(sessions.liveUntil)
            endedBefore = sessions.validFrom.map { Timestamp.string($0) }
        }

        var cells: [String] { [researcher, project, String(keys), lastVend, aliveUntil, endedBefore ?? "-"] }
    }
}
