import AWSAuth
import AWSClients
import AWSOperations
import ArgumentParser
import BursarConsole
import Deployment
import Reports

struct SetUpSpend: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "setup",
        abstract: "Switch on the log of calls that spend is counted from, in every region.",
        discussion: #"""
            Shows what it would change and asks: a log group in each region, the role that
            Bedrock writes with, and Bedrock's logging configuration, which records who
            called which model with how many tokens, and neither prompts nor answers.
            When everything is as it should be, it changes nothing.

            A region has one configuration. Another's is never overwritten; --adopt reads
            from it as it is, if it has no prompts and answers.

            Examples:
              admin spend setup --region eu-central-1 --region us-east-1
              admin spend setup --retention 365 --yes
              admin spend setup --region eu-west-1 --adopt
            """#
    )

    @OptionGroup(title: "The record") var shared: SharedOptions
    @OptionGroup(title: "AWS") var place: LoggedRegions
    @OptionGroup(title: "AWS") var expected: ExpectedAccount
    @Flag(help: "Read from a configuration that another made.")
    var adopt = false
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("How long a log group keeps its records (90 in a new one).", valueName: "days")
    )
    var retention: Int?
    @Option(help: ArgumentHelp("The policy beyond which a new role may not go.", valueName: "arn"))
    var permissionsBoundary: String?
    @Flag(help: "Don't ask.")
    var yes = false

    func run() async throws {
        try await shared.runWaiting { context in
            try checkRetention()
            try await place.run(context, expected) { [adopt, retention, permissionsBoundary, yes] account, survey in
                let options = LoggingPlan.Options(
                    adopts: adopt,
                    retention: retention,
                    boundary: try PermissionsBoundary.checked(permissionsBoundary, account.partition)
                )
                if survey.allowed == .anywhere {
                    account.terminal.warn(
                        UserFacingError(
                            "the researchers' role lets models be called in any region; calls in others than "
                                + "\(survey.regions.joined(separator: ", ")) will not be metered",
                            hint: "name regions: admin aws apply --regions, or admin policy permissions --tier region"
                        )
                    )
                }
                try await Self.setUp(survey, options, Confirmation(isGiven: yes), in: account)
            }
        }
    }

    private static func setUp(
        _ survey: LoggingSurvey,
        _ options: LoggingPlan.Options,
        _ confirmation: Confirmation,
        in account: AWSAccount
    ) async throws {
        let terminal = account.terminal
        let results = try await account.logging(in: survey.regions)
        var states: [RegionLogging] = []
        var problems: [UserFacingError] = []
        for result in results {
            switch result {
            case .success(let state): states.append(state)
            case .failure(let error):
                problems.append(AWSErrorMessages.problem(error, profile: nil) ?? UserFacingError("AWS can't be asked"))
            }
        }
        try refuse(problems, on: terminal)
        let roleState = try await account.state(of: survey.role)
        let plan = LoggingPlan(states, role: survey.role, roleState, options)
        try refuse(plan.refusals(roleState), on: terminal)
        for (state, decision) in zip(plan.states, plan.decisions) {
            guard case .adopted(let group) = decision else { continue }
            terminal.note("\(state.region): read from \(group), another's, as it is")
        }
        for region in plan.unlimited {
            terminal.note("\(region): \(InvocationLogName.group) keeps its records for ever; --retention 90 limits it")
        }
        guard !plan.isEmpty else {
            return terminal.note("nothing to do: calls are logged in \(survey.regions.joined(separator: ", "))")
        }
        try terminal.report(plan.rows)
        try await Prompt.wait { try confirmation.ask("make these changes in account \(survey.identity.account)?") }
        try await plan.run(in: account) { terminal.note($0) }
        terminal.note("a call shows in the log within minutes: admin spend status")
    }

    /// Prints the problems; nothing was changed.
    ///
    /// - Throws: the last of them.
    private static func refuse(_ problems: [UserFacingError], on terminal: Terminal) throws(UserFacingError) {
        guard let last = problems.last else { return }
        for problem in problems.dropLast() { terminal.fail(problem) }
        terminal.note("nothing was changed")
        throw last
    }

    private func checkRetention() throws(UserFacingError) {
        guard let retention else { return }
        let allowed = LogGroup.retentions.filter { $0 >= LoggingPlan.Options.shortestRetention }
        guard !allowed.contains(retention) else { return }
        let near = allowed.min { abs($0 - retention) < abs($1 - retention) } ?? LoggingPlan.Options.usualRetention
        throw UserFacingError.misuse(
            retention < LoggingPlan.Options.shortestRetention
                ? "--retention \(retention) is too short: records are read again for 3 days"
                : "--retention \(retention) is no time that CloudWatch Logs keeps events for",
            hint: "did you mean \(near)? \(allowed.map(String.init).joined(separator: ", "))"
        )
    }
}

/// A change that setup would make.
private struct ChangeRow: TableRow {
    static let columns: [Table.Column] = [.init("region"), .init("change"), .init("content", isElastic: true)]

    let region: String
    let change: String
    let content: String

    var cells: [String] { [region, change, content] }
}

extension LoggingPlan {
    fileprivate var rows: [ChangeRow] {
        let regions = role.regions.sorted().joined(separator: ", ")
        let roleRows = roleSteps.map { step -> ChangeRow in
            switch step {
            case .create:
                ChangeRow(
                    region: "",
                    change: "iam:CreateRole",
                    content: "\(role.arn), for Bedrock in account \(role.account) alone: \(regions)"
                )
            case .updateTrust:
                ChangeRow(
                    region: "",
                    change: "iam:UpdateAssumeRolePolicy",
                    content: "\(role.arn), for Bedrock in account \(role.account) alone: \(regions)"
                )
            case .putRights:
                ChangeRow(
                    region: "",
                    change: "iam:PutRolePolicy",
                    content: "logs:CreateLogStream, logs:PutLogEvents on one stream of that group: "
                        + InvocationLogName.stream
                )
            }
        }
        let regionRows = zip(states, decisions).flatMap { state, decision -> [ChangeRow] in
            guard case .steps(let steps) = decision else { return [] }
            return steps.map { ChangeRow($0, in: state.region) }
        }
        return roleRows + regionRows
    }
}

extension ChangeRow {
    fileprivate init(_ step: LoggingPlan.Step, in region: String) {
        self.region = region
        switch step {
        case .createGroup:
            change = "logs:CreateLogGroup"
            content = "\(InvocationLogName.group), class \(LogGroup.standard)"
        case .setRetention(let days, let earlier):
            change = "logs:PutRetentionPolicy"
            content = "\(days) days" + (earlier.map { ", now \($0)" } ?? "")
        case .configure:
            change = "bedrock:PutModelInvocationLoggingConfiguration"
            content = "into \(InvocationLogName.group), without prompts and answers: all five flags false"
        case .removeBodies(let bodies):
            change = "bedrock:PutModelInvocationLoggingConfiguration"
            content = "\(bodies.map(\.flag).joined(separator: ", ")) false again: prompts and answers are logged now"
        }
    }
}
