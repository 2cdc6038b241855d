import AWSAuth
import AWSClients
import AWSOperations
import ArgumentParser
import BursarConsole
import Deployment
import Reports

struct ApplyStack: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Make the stack, or bring it to what the options say.",
        discussion: #"""
            Shows what it would change and asks, then waits for AWS, and prints the
            server's settings. When nothing is to change it only prints them.

            An option that isn't given stays as the stack has it. To take one back, say
            so: --models '*', --regions '*', --ip 0.0.0.0/0,::/0, --max-session 1h, and
            '' for --external-id, --permissions-boundary, --tag, --availability-zone.

            Run again after an interruption, it watches what is still running.

            Examples:
              admin aws apply --region eu-central-1 --output bursar.yaml
              admin aws apply --yes --account 123456789012 \
                --models 'anthropic.*' --output bursar.yaml
            """#
    )

    @OptionGroup(title: "The record") var shared: SharedOptions
    @OptionGroup(title: "AWS") var aws: AWSOptions
    @OptionGroup(title: "AWS") var expected: ExpectedAccount
    @OptionGroup(title: "The stack") var stack: StackArguments
    @OptionGroup(title: "The settings") var settings: SettingsOutput
    @Flag(help: "Don't ask.")
    var yes = false
    @Flag(help: "First undo the update whose undoing failed.")
    var continueRollback = false

    func run() async throws {
        try await aws.run(recordingIn: shared) { account in
            let stack = stack.options
            try stack.check(region: account.region)
            try settings.check()
            try await StopSignals.cancelling { [aws, expected, settings, yes, continueRollback] in
                let deployment = try await StackDeployment(stack.stackName, aws, expected, account)
                let outputs = try await deployment.apply(stack, continuesRollback: continueRollback) { plan in
                    try await deployment.approve(plan, Confirmation(isGiven: yes))
                }
                do {
                    try settings.write(outputs, on: deployment.terminal)
                } catch {
                    deployment.terminal.note(
                        "the stack is made; \(deployment.command("status")) prints its settings again"
                    )
                    throw error
                }
                settings.printNextStep(on: deployment.terminal)
            }
        }
    }
}

extension StackDeployment {
    /// Shows the changes of a plan on standard error, and asks for consent.
    fileprivate func approve(_ plan: StackPlan, _ confirmation: Confirmation) async throws {
        warnOfVolumes(plan.changes)
        try terminal.report(plan.changes)
        terminal.note("the stack \(name): \(plan.changes.summary)")
        let question = "make these changes in \(place)?"
        try await Prompt.wait { try confirmation.ask(question) }
    }
}
