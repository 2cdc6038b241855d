import ArgumentParser
import BursarModel

struct Admin: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "admin",
        abstract: "The operator's console: who has access, and who used it.",
        discussion: #"""
            The first researcher:
              admin database init
              admin researchers add ada --name "Ada Lovelace" \
                --email ada@example.edu --project engines
              admin keys issue ada

            The database is --database, else BURSAR_DATABASE, else what
            /etc/bursar/config.yaml says, else ~/.local/state/bursar/bursar.sqlite.
            Commands work while a server runs on it; the server obeys within a second.
            Each change is on record with who made it.
            """#,
        version: Version.current,
        groupedSubcommands: [
            CommandGroup(
                name: "Access",
                subcommands: [
                    ResearcherCommands.self, KeyCommands.self, SessionCommands.self, VendingCommands.self,
                    Provision.self,
                ]
            ),
            CommandGroup(name: "Record", subcommands: [UsageCommands.self, AuditCommands.self, WhoIs.self]),
            CommandGroup(name: "Decision", subcommands: [WhatIf.self, Selftest.self, PolicyCommands.self]),
            CommandGroup(name: "AWS", subcommands: [AWSCommands.self, IAMCommands.self]),
            CommandGroup(name: "Upkeep", subcommands: [DatabaseCommands.self, Doctor.self, Completions.self]),
        ]
    )
}
