import ArgumentParser

struct KeyCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "The keys that researchers' machines present.",
        discussion: "Ids may be shortened to their first 4 characters or more, as long as one key only begins so.",
        subcommands: [
            IssueKey.self, ListKeys.self, ShowKey.self, UpdateKey.self, RotateKey.self, RevokeKey.self,
            ImportKeys.self, CanaryKey.self,
        ]
    )
}
