import ArgumentParser
import BursarConsole
import SQLiteStore
import Storage

struct InitDatabase: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make an empty database, readable by you alone.",
        discussion: "Example:\n  admin database init --database /var/lib/bursar/bursar.sqlite"
    )

    @OptionGroup var shared: SharedOptions

    func run() throws {
        try shared.run { context in
            _ = try Store(creating: context.databasePath)
            context.terminal.note("made \(context.databasePath)")
            context.terminal.note("next: admin researchers add HANDLE --name NAME --email EMAIL --project PROJECT")
        }
    }
}

struct MigrateDatabase: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Bring a database of an older version up to this one.",
        discussion: """
            A copy is made beside it first. Stop the server before, and start it anew
            afterwards.

            Example:
              admin database migrate
            """
    )

    @OptionGroup var shared: SharedOptions

    func run() throws {
        try shared.run { context in
            try context.refuseWhileServed()
            guard let copy = try SQLiteDatabase.migrate(context.databasePath, at: context.now) else {
                return context.terminal.note("\(context.databasePath) is up to date")
            }
            context.terminal.note("migrated \(context.databasePath)")
            context.terminal.note("as it was: \(copy)")
        }
    }
}
