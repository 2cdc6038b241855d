import ArgumentParser

struct AWSCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "aws",
        abstract: "The server's place in an AWS account: roles, log group and volume, as one CloudFormation stack.",
        discussion: """
            The stack holds what the server needs, and not the machine that it runs on:
            user-data prints what makes an instance a server.
            """,
        subcommands: [
            PlanStack.self, ApplyStack.self, StackStatusCommand.self, DestroyStack.self, PrintTemplate.self,
            PrintUserData.self,
        ]
    )
}
