import ArgumentParser

struct IAMCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "iam",
        abstract: "Long-term AWS keys, for systems that can't use short-term ones.",
        discussion: """
            Each business unit has one IAM user, BUSINESS-UNIT-bedrock-user, which may
            invoke Bedrock models and, without --full, nothing else. These commands act in
            AWS as you: with --aws-profile, else as AWS's own tools would.
            """,
        subcommands: [
            CreateIAMUser.self, ListIAMUsers.self, ShowIAMUser.self, RotateIAMKey.self, DeleteIAMUser.self,
            CheckIAMKeyAge.self,
        ]
    )
}
