import ArgumentParser

struct KeyCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "The keys that researchers' machines present.",
        subcommands: [IssueKey.self, ListKeys.self, RevokeKey.self]
    )
}
