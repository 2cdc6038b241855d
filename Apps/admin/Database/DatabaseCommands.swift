import ArgumentParser
import Console
import Storage

struct DatabaseCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "database",
        abstract: "Make and look after the database.",
        subcommands: [Init.self]
    )

    struct Init: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make an empty database, readable by you alone.",
            discussion: "Example:\n  admin database init --database /var/lib/bursar/bursar.sqlite"
        )

        @OptionGroup var shared: SharedOptions

        func run() throws {
            try shared.run { desk in
                _ = try Store(creating: desk.databasePath)
                desk.terminal.note("made \(desk.databasePath)")
                desk.terminal.note("next: admin researchers add HANDLE --name NAME --email EMAIL --project PROJECT")
            }
        }
    }
}
