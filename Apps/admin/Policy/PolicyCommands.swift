import ArgumentParser

struct PolicyCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "IAM documents, ready to paste.",
        discussion: """
            Standard output is the JSON document and nothing else; what to do with it is
            said on standard error. What isn't given is taken from the server's settings,
            where they are.
            """,
        subcommands: [
            TrustPolicy.self, PermissionsPolicy.self, SessionPolicyCommand.self, OperatorPolicyCommand.self,
        ]
    )
}
