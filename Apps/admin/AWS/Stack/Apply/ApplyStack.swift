import AWSAuth
import ArgumentParser
import Console

struct ApplyStack: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Make the stack, or bring it to what the options say.",
        discussion: #"""
            Shows what it would change and asks, then waits for AWS, and prints the
            server's settings. When nothing is to change it only prints them. What is
            not given again goes back to its default: give the same options each time.
            Run again after an interruption, it watches what is still running.

            Examples:
              admin aws apply --region eu-central-1 --output bursar.env
              admin aws apply --yes --account 123456789012 --format yaml \
                --models 'anthropic.*' --output bursar.yaml
            """#
    )

    @OptionGroup(title: "AWS") var aws: AWSOptions
    @OptionGroup(title: "AWS") var expected: ExpectedAccount
    @OptionGroup(title: "The stack") var stack: StackOptions
    @OptionGroup(title: "The settings") var settings: SettingsOutput
    @Flag(help: "Don't ask.")
    var yes = false
    @Flag(help: "First undo the update whose undoing failed.")
    var continueRollback = false

    func run() async throws {
        try await aws.run { account in
            let choices = try stack.choices(region: account.region)
            let template = try StackTemplate(choices).body
            try settings.check()
            try await StopSignals.cancelling { [aws, expected, settings, yes, continueRollback] in
                let site = try await StackSite(choices.stackName, aws, expected, account)
                let outputs = try await site.apply(
                    template,
                    Confirmation(isGiven: yes),
                    continuesRollback: continueRollback
                )
                try settings.write(outputs, on: site.terminal)
            }
        }
    }
}
