import AWSAuth
import ArgumentParser
import Console

struct PlanStack: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what apply would add, change and remove, and change nothing.",
        discussion: #"""
            CloudFormation works it out; what it needed for that is deleted again.
            "replaced" says whether a new resource takes the old one's place.

            Examples:
              admin aws plan --region eu-central-1
              admin aws plan --models 'anthropic.*' --format json
            """#
    )

    @OptionGroup(title: "AWS") var aws: AWSOptions
    @OptionGroup(title: "AWS") var expected: ExpectedAccount
    @OptionGroup(title: "The stack") var stack: StackOptions
    @Option(help: "How the changes are listed: table, json or csv.")
    var format = ListFormat.table

    func run() async throws {
        try await aws.run { account in
            let choices = try stack.choices(region: account.region)
            let template = try StackTemplate(choices).body
            try await StopSignals.cancelling { [aws, expected, format] in
                let site = try await StackSite(choices.stackName, aws, expected, account)
                let existing = try await site.existing()
                if let existing, let problem = site.obstacle(to: existing) { throw problem }
                let plan = try await site.plan(template, for: existing)
                if let changeSet = plan.changeSet { try await site.discard(changeSet.arn, of: plan.stack) }
                try site.show(plan, as: format)
            }
        }
    }
}

extension StackSite {
    /// What a plan would change: the changes as data, their number for people.
    func show(_ plan: StackPlan, as format: ListFormat) throws {
        let changes = plan.changes
        guard plan.changeSet != nil else {
            if format != .table { try Listing(rows: changes, whenEmpty: "").print(as: format, on: terminal) }
            return terminal.note("no change: the stack \(name) is as it is asked for")
        }
        try Listing(rows: changes, whenEmpty: "no resource changes, but tags or outputs do")
            .print(as: format, on: terminal)
        terminal.note("the stack \(name): \(changes.summary)")
    }
}
