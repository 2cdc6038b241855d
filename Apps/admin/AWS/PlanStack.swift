import AWSAuth
import AWSClients
import ArgumentParser
import BursarConsole

struct PlanStack: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what apply would add, change and remove, and change nothing.",
        discussion: #"""
            CloudFormation works it out; what it needed for that is deleted again.
            "replaced" says whether a new resource takes the old one's place. An option
            that isn't given stays as the stack has it; apply --help says more.

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
            try stack.check(region: account.region)
            try await StopSignals.cancelling { [aws, expected, stack, format] in
                let deployment = try await StackDeployment(stack.stackName, aws, expected, account)
                let plan = try await deployment.computedPlan(stack)
                if let changeSet = plan.changeSet { try await deployment.discard(changeSet.arn, of: plan.stack) }
                try deployment.show(plan, as: format)
            }
        }
    }
}

extension StackDeployment {
    fileprivate func computedPlan(_ options: StackOptions) async throws -> StackPlan {
        do {
            let existing = try await existing()
            if let existing, let problem = obstacle(to: existing) { throw problem }
            if let existing, existing.status != .review { await warnOfDrift(existing) }
            return try await plan(try await template(options, for: existing), for: existing)
        } catch is CancellationError {
            throw stopped("plan")
        }
    }

    /// Prints the changes of a plan as data, and their number for people.
    func show(_ plan: StackPlan, as format: ListFormat) throws {
        let changes = plan.changes
        guard plan.changeSet != nil else {
            if format != .table { try RowOutput(rows: changes, whenEmpty: "").print(as: format, on: terminal) }
            return terminal.note("no change: the stack \(name) is as it is asked for")
        }
        warnOfVolumes(changes)
        try RowOutput(rows: changes, whenEmpty: "no resource changes, but tags or outputs do")
            .print(as: format, on: terminal)
        terminal.note("the stack \(name): \(changes.summary)")
    }
}
