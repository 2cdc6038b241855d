import ArgumentParser

struct KeyCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "The keys that researchers' machines present.",
        discussion: "Ids may be shortened to 4 characters or more that only one key begins with.",
        subcommands: [
            IssueKey.self, ListKeys.self, ShowKey.self, UpdateKey.self, RotateKey.self, RevokeKey.self,
            ImportKeys.self, IssueCanary.self,
        ]
    )
}
