import AWSAuth
import AWSClients
import AWSOperations
import ArgumentParser
import BursarConsole
import BursarFoundation
import BursarModel
import Deployment
import Reports

struct ShowStackStatus: AsyncParsableCommand {
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
                let deployment = try await StackDeployment(name, aws, expected, account)
                guard let stack = try await deployment.existing() else { throw deployment.missing() }
                if watch { try await Self.watch(stack, deployment) }
                guard let stack = try await deployment.existing() else {
                    return deployment.terminal.note("the stack \(name) is gone")
                }
                let drifts = drift ? try await deployment.drifts(of: stack) : nil
                var sheet = try await StackSummary(stack, drifts, deployment)
                if models {
                    sheet.models = try await deployment.modelAccess(stack, in: account, Confirmation(isGiven: yes))
                }
                try sheet.print(as: format, on: deployment.terminal)
                let isGood = sheet.models?.allSatisfy(\.access.isGood) ?? true
                guard isGood, drifts?.isEmpty ?? true else { throw ExitCode.failure }
            }
        }
    }

    private static func watch(_ stack: CloudFormationStack, _ deployment: StackDeployment) async throws {
        guard stack.status.isInProgress else {
            return deployment.terminal.note("nothing is running on the stack \(deployment.name)")
        }
        var watch = try await StackWatch(deployment, during: stack.id)
        let outcome = try await watch.end()
        guard stack.status != .deleting || outcome.status != nil else { return }
        guard outcome.status?.isSuccess == true else { throw deployment.problem(outcome) }
    }
}

/// The status of a stack: state, resources, outputs and denies.
struct StackSummary: DetailSheet {
    let stack: String
    let account: String
    let region: String
    let status: String
    let reason: String?
    /// The first failure of a failed last operation.
    let failure: String?
    let created: String?
    let changed: String?
    /// The result of the latest drift detection.
    let drift: String?
    let resources: [ResourceRow]
    let outputs: [String: String]
    /// The names of the policies that deny revoked sessions.
    let denies: [String]
    /// AWS managed policies on the researchers' role that allow unmetered spending; nil if they can't be listed.
    let unmetered: [String]?
    private let attachments: [UnmeteredAttachment]
    /// nil when not requested.
    let drifts: [DriftRow]?
    /// nil when not requested.
    var models: [ModelAccess.Row]?

    private enum CodingKeys: CodingKey {
        case stack, account, region, status, reason, failure, created, changed, drift, resources, outputs, denies
        case unmetered, drifts, models
    }

    init(_ stack: CloudFormationStack, _ drifts: [ResourceDrift]?, _ deployment: StackDeployment) async throws {
        self.stack = stack.name
        account = deployment.accountID
        region = deployment.region
        status = stack.status.rawValue
        reason = stack.statusReason
        failure = try await deployment.failure(of: stack)
        created = stack.created.map { Timestamp.string($0) }
        changed = (stack.updated ?? stack.created).map { Timestamp.string($0) }
        drift = drifts.map { $0.isEmpty ? "IN_SYNC" : "DRIFTED" } ?? stack.driftStatus
        let found = try await deployment.cloudFormation.resources(ofStack: stack.id)
        resources = found.map { ResourceRow($0) }
        outputs = stack.outputs
        denies = try await deployment.denies(in: found).map(\.policy)
        let unmetered = try await deployment.unmeteredAttachments(in: found)
        self.unmetered = unmetered?.map(\.policy)
        attachments = unmetered ?? []
        self.drifts = drifts?.flatMap { DriftRow.rows($0) }
    }

    func print(as format: KeyValueFormat, on terminal: Terminal) throws {
        for attachment in attachments { terminal.warn(attachment.problem) }
        try terminal.print(self, as: format)
        guard format == .table else { return }
        if !resources.isEmpty {
            try terminal.print("")
            try RowOutput(rows: resources, whenEmpty: "").print(as: .table, on: terminal)
        }
        if let drifts {
            if !drifts.isEmpty { try terminal.print("") }
            try RowOutput(rows: drifts, whenEmpty: "nothing was changed by hand").print(as: .table, on: terminal)
        }
        guard let models else { return }
        try terminal.print("")
        _ = try ModelAccess.print(models, as: .table, on: terminal)
    }

    var details: KeyValueTable {
        var details = KeyValueTable()
        details.add("stack", stack)
        details.add("account", account)
        details.add("region", region)
        details.add("status", status)
        if let reason { details.add("reason", reason) }
        if let failure { details.add("failure", failure) }
        details.add("created", created)
        details.add("last change", changed)
        details.add("drift", drift)
        details.add("denies", denies.isEmpty ? nil : denies.joined(separator: " "))
        for (name, value) in outputs.sorted(by: { $0.key < $1.key }) { details.add(name, value) }
        return details
    }
}

extension StackDeployment {
    /// Returns the first failure of a stack's last operation, if that failed.
    fileprivate func failure(of stack: CloudFormationStack) async throws -> String? {
        guard stack.status.isFailed || stack.status.isRollback else { return nil }
        let events = try await cloudFormation.events(ofStack: stack.id, most: 500)
        return events.lastOperation.firstFailure?.failure(ofStack: name)
    }
}

extension StackDeployment {
    /// Invokes each model that the stack allows, once the operator has agreed to the cost.
    func modelAccess(
        _ stack: CloudFormationStack,
        in account: AWSAccount,
        _ confirmation: Confirmation
    ) async throws -> [ModelAccess.Row] {
        let template = try await cloudFormation.template(ofStack: stack.id)
        let access = try ModelAccess(account: account)
        let candidates = try await access.candidates(try AllowedModels.read(template))
        try await Prompt.wait { try confirmation.ask("\(ModelAccess.cost(candidates))?") }
        return try await access.checkShowingProgress(candidates)
    }
}

/// A resource of a stack.
struct ResourceRow: TableRow {
    static let columns: [Table.Column] = [
        .init("resource"), .init("status"), .init("type"), .init("id", isElastic: true),
        .init("reason", isElastic: true, isMinor: true),
    ]

    let resource: String
    let status: String
    let type: String
    let id: String?
    let reason: String?

    init(_ resource: StackResource) {
        self.resource = resource.logicalID
        status = resource.status.rawValue
        type = resource.type
        id = resource.physicalID
        reason = resource.statusReason
    }

    var cells: [String] { [resource, status, type, id ?? "", reason ?? ""] }
}

/// A property that differs from the template.
struct DriftRow: TableRow {
    static let columns: [Table.Column] = [
        .init("resource"), .init("property"), .init("change"), .init("template", isElastic: true),
        .init("now", isElastic: true),
    ]

    let resource: String
    let id: String?
    let property: String?
    let change: String
    let template: String?
    let now: String?

    /// Returns one row for each property, or one for the whole resource.
    static func rows(_ drift: ResourceDrift) -> [Self] {
        guard drift.status != "DELETED", !drift.differences.isEmpty else {
            return [Self(drift, nil, drift.status == "DELETED" ? "deleted" : drift.status.lowercased())]
        }
        return drift.differences.map { difference in
            switch difference.kind {
            case .added: Self(drift, difference, "added")
            case .removed: Self(drift, difference, "removed")
            case .changed: Self(drift, difference, "changed")
            }
        }
    }

    private init(_ drift: ResourceDrift, _ difference: ResourceDrift.Difference?, _ change: String) {
        resource = drift.logicalID
        id = drift.physicalID
        property = difference?.path
        self.change = change
        template = difference?.expected
        now = difference?.actual
    }

    var cells: [String] { [resource, property ?? "", change, template ?? "", now ?? ""] }
}
