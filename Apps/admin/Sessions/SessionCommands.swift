import ArgumentParser

struct SessionCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sessions",
        abstract: "Sessions that AWS has issued: which live, and how to end them.",
        discussion: """
            What was handed out works to its end, whatever becomes of the key, unless a
            policy on the role denies it. `end` makes that policy, `denies` shows those
            that there are, `allow` takes one away.
            """,
        subcommands: [EndSessions.self, ListSessions.self, ListDenies.self, AllowSessions.self]
    )
}
