import ArgumentParser
import BursarCore

@main
struct Admin: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "admin",
        abstract: "The operator's console: who has access, who used it.",
        discussion: """
            The first researcher:
              admin database init
              admin researchers add ada --name "Ada Lovelace" --email ada@example.edu --project engines
              admin keys issue ada

            The database is --database, else BURSAR_DATABASE, else ~/.local/state/bursar/bursar.sqlite.
            Commands work while a server runs on the same database; it obeys within a second.
            """,
        version: Version.current,
        subcommands: [
            DatabaseCommands.self, ResearcherCommands.self, KeyCommands.self, UsageCommands.self, VendingCommands.self,
            IAMCommands.self, Provision.self, Completions.self,
        ]
    )
}
