import AWSAuth
import AWSClients
import AWSOperations
import ArgumentParser
import BursarConsole
import Deployment
import Reports

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
    @OptionGroup(title: "The stack") var stack: StackArguments
    @Option(help: "How the changes are listed: table, json or csv.")
    var format = ListFormat.table

    func run() async throws {
        try await aws.run { account in
            let stack = stack.options
            try stack.check(region: account.region)
            try await StopSignals.cancelling { [aws, expected, format] in
                let deployment = try await StackDeployment(stack.stackName, aws, expected, account)
                let plan = try await deployment.preview(stack)
                if let changeSet = plan.changeSet { try await deployment.discard(changeSet.arn, of: plan.stack) }
                try deployment.show(plan, as: format)
            }
        }
    }
}

extension StackDeployment {
    /// Prints the changes of a plan as data, and their number for people.
    fileprivate func show(_ plan: StackPlan, as format: ListFormat) throws {
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

extension PlannedChange: TableRow {
    static let columns: [Table.Column] = [
        .init("action"), .init("resource"), .init("type"), .init("replaced"), .init("what", isElastic: true),
        .init("id", isElastic: true, isMinor: true),
    ]

    var cells: [String] {
        [
            action, resource, type, replaced ?? "", properties.joined(separator: " "),
            id ?? "",
        ]
    }
}
