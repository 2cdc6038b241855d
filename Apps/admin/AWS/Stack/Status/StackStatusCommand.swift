import AWSAuth
import ArgumentParser
import BursarConsole
import BursarModel

struct StackStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the stack: its state, resources, outputs, and denies of ended sessions.",
        discussion: #"""
            --watch waits for what is running. --drift has AWS look whether somebody
            changed a resource by hand, names each such property, and then ends with 1.
            --models invokes each model that researchers may use once, as you, which
            costs a few tokens, and ends with 1 when one of them doesn't answer.

            Examples:
              admin aws status
              admin aws status --watch
              admin aws status --models --yes
              admin aws status --drift --format json
            """#
    )

    @OptionGroup(title: "AWS") var aws: AWSOptions
    @OptionGroup(title: "AWS") var expected: ExpectedAccount
    @OptionGroup(title: "The stack") var stack: StackNameOption
    @Flag(help: "Wait for the change that is running, and tell how it goes.")
    var watch = false
    @Flag(help: "Look for what was changed by hand; takes a while.")
    var drift = false
    @Flag(help: "Invoke each allowed model once, at the account's expense.")
    var models = false
    @Flag(help: "Don't ask before models are invoked.")
    var yes = false
    @Option(help: "table or json.")
    var format = KeyValueFormat.table

    func run() async throws {
        try await aws.run { account in
            let name = try stack.checked()
            try await StopSignals.cancelling { [aws, expected, watch, drift, models, yes, format] in
                let site = try await StackDeployment(name, aws, expected, account)
                guard let stack = try await site.existing() else { throw site.missing() }
                if watch { try await Self.watch(stack, site) }
                guard let stack = try await site.existing() else {
                    return site.terminal.note("the stack \(name) is gone")
                }
                let drifts = drift ? try await site.drifts(of: stack) : nil
                var sheet = try await StackSummary(stack, drifts, site)
                if models { sheet.models = try await site.modelAccess(stack, Confirmation(isGiven: yes)) }
                try sheet.print(as: format, on: site.terminal)
                let isGood = sheet.models?.allSatisfy(\.access.isGood) ?? true
                guard isGood, drifts?.isEmpty ?? true else { throw ExitCode.failure }
            }
        }
    }

    private static func watch(_ stack: CloudFormationStack, _ site: StackDeployment) async throws {
        guard stack.status.isInProgress else {
            return site.terminal.note("nothing is running on the stack \(site.name)")
        }
        var watch = try await StackWatch(site, during: stack.id)
        let outcome = try await watch.end()
        guard stack.status != .deleting || outcome.status != nil else { return }
        guard outcome.status?.isSuccess == true else { throw site.problem(outcome) }
    }
}
