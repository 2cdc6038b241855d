import ArgumentParser
import BursarModel

struct VendingServer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vending-server",
        abstract: "Gives researchers short-lived AWS credentials, and records every one before it leaves.",
        discussion: """
            Try it with nothing configured:
              vending-server dev

            Run it:
              export BURSAR_ROLE_ARN=arn:aws:iam::123456789012:role/bedrock
              export BURSAR_REGION=us-east-1
              vending-server serve
            """,
        version: Version.current,
        subcommands: [Serve.self, Dev.self, Check.self, Health.self],
        defaultSubcommand: Serve.self
    )
}
