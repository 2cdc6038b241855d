import ArgumentParser

struct AuditCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "What is on record: who did what, and whether it still is as it was written.",
        discussion: """
            Each change that admin makes is recorded with who made it: the user who logged
            in, else who called sudo, else the process's user, and the host. That is the
            machine's own word, and whoever rules the machine can bend it.
            """,
        subcommands: [ListRecords.self, VerifyRecords.self, ReconcileSessions.self]
    )
}
