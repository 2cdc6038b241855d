import AWSAuth
import BursarConsole
import BursarModel

/// All there is to say about a stack.
struct StackSummary: Encodable {
    let stack: String
    let account: String
    let region: String
    let status: String
    let reason: String?
    /// What went wrong first, where the last operation failed.
    let failure: String?
    let created: String?
    let changed: String?
    /// As of the last time that somebody looked.
    let drift: String?
    let resources: [ResourceRow]
    let outputs: [String: String]
    /// Names of the policies that deny ended sessions.
    let denies: [String]
    /// AWS managed policies on the researchers' role that allow unmetered spending; nil if they can't be listed.
    let unmetered: [String]?
    private let attachments: [UnmeteredAttachment]
    /// nil when nobody asked.
    let drifts: [DriftRow]?
    /// nil when nobody asked.
    var models: [ModelAccess.Row]?

    private enum CodingKeys: CodingKey {
        case stack, account, region, status, reason, failure, created, changed, drift, resources, outputs, denies
        case unmetered, drifts, models
    }

    init(_ stack: CloudFormationStack, _ drifts: [ResourceDrift]?, _ site: StackDeployment) async throws {
        self.stack = stack.name
        account = site.accountID
        region = site.account.region
        status = stack.status.rawValue
        reason = stack.statusReason
        failure = try await site.failure(of: stack)
        created = stack.created.map { Timestamp.string($0) }
        changed = (stack.updated ?? stack.created).map { Timestamp.string($0) }
        drift = drifts.map { $0.isEmpty ? "IN_SYNC" : "DRIFTED" } ?? stack.driftStatus
        let found = try await site.cloudFormation.resources(ofStack: stack.id)
        resources = found.map { ResourceRow($0) }
        outputs = stack.outputs
        denies = try await site.denies(in: found).map(\.policy)
        let unmetered = try await site.unmeteredAttachments(in: found)
        self.unmetered = unmetered?.map(\.policy)
        attachments = unmetered ?? []
        self.drifts = drifts?.flatMap { DriftRow.rows($0) }
    }

    func print(as format: KeyValueFormat, on terminal: Terminal) throws {
        for attachment in attachments { terminal.warn(attachment.problem) }
        guard format == .table else { return try terminal.print(JSONText.of(self)) }
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
        try terminal.print(details.text(terminal.output))
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
}

extension StackDeployment {
    /// What went wrong first, where a stack's last operation failed.
    fileprivate func failure(of stack: CloudFormationStack) async throws -> String? {
        guard stack.status.isFailed || stack.status.isRollback else { return nil }
        let events = try await cloudFormation.events(ofStack: stack.id, most: 500)
        return events.lastOperation.firstFailure?.failure(ofStack: name)
    }
}

extension StackDeployment {
    /// Invokes each model that the stack allows, once somebody agrees to what it costs.
    func modelAccess(_ stack: CloudFormationStack, _ confirmation: Confirmation) async throws -> [ModelAccess.Row] {
        let template = try await cloudFormation.template(ofStack: stack.id)
        let access = try ModelAccess(account: account)
        let candidates = try await access.candidates(try AllowedModels.read(template))
        try await Prompt.wait { try confirmation.ask("\(ModelAccess.cost(candidates))?") }
        return try await access.check(candidates)
    }
}

/// One resource of a stack.
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
