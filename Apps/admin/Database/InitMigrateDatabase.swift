import ArgumentParser
import BursarConsole
import PostgresStore
import SQLiteStore
import ServerSettings
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
            switch context.database.place {
            case .file(let path):
                _ = try Store(creating: path)
                context.terminal.note("made \(context.databasePath)")
                context.terminal.note("next: admin researchers add HANDLE --name NAME --email EMAIL --project PROJECT")
            case .server(let address, let password):
                try PostgresDatabase.create(address, password: password)
                context.terminal.note("made the schema bursar in \(context.databasePath)")
                context.terminal.note("next, a login for each operator and server:")
                context.terminal.note("  admin database role NAME --admin --password-file FILE")
                context.terminal.note("  admin database role NAME --server --password-file FILE")
            }
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
            let name = context.databasePath
            switch context.database.place {
            case .file(let path):
                guard let copy = try SQLiteDatabase.migrate(path, at: context.now) else {
                    return context.terminal.note("\(name) is up to date")
                }
                context.terminal.note("migrated \(name)")
                context.terminal.note("as it was: \(copy)")
                Self.noteNamesakes(on: context)
            case .server(let address, let password):
                let isMigrated = try PostgresDatabase.migrate(address, password: password)
                context.terminal.note(isMigrated ? "migrated \(name)" : "\(name) is up to date")
                if isMigrated { Self.noteNamesakes(on: context) }
            }
        }
    }

    /// Names the keys whose sessions can't have names of their own in AWS; a login that may not read them gets no note.
    private static func noteNamesakes(on context: AdminContext) {
        let keys = (try? context.store().lists.keys().filter(\.hasNamesake)) ?? []
        for key in keys {
            context.terminal.note(
                "sessions of key \(key.id) go by \(key.researcher) alone: \(key.researcher)+\(key.id) is another "
                    + "researcher's handle"
            )
        }
    }
}
