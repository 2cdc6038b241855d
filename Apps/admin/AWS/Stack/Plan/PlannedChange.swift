import AWSAuth
import BursarConsole

/// One resource that a plan adds, changes or removes.
struct PlannedChange: TableRow {
    static let columns: [Table.Column] = [
        .init("action"), .init("resource"), .init("type"), .init("replaced"), .init("what", isElastic: true),
        .init("id", isElastic: true, isMinor: true),
    ]

    let action: String
    let resource: String
    let type: String
    /// `yes`, `no`, `maybe`, or nil where there is nothing to replace.
    let replaced: String?
    let properties: [String]
    /// What it is called in AWS now.
    let id: String?

    init(_ change: ResourceChange) {
        resource = change.logicalID
        type = change.type
        id = change.physicalID
        switch change.action {
        case .add: action = "add"
        case .modify: action = "change"
        // The template always has these outlive the stack.
        case .remove:
            let isKept = change.policyAction == "Retain" || [DeletionPlan.volume, DeletionPlan.logGroup].contains(type)
            action = isKept ? "let go" : "remove"
        case .other(let word): action = word.lowercased()
        }
        switch (change.action, change.replacement) {
        case (.modify, .always): replaced = "yes"
        case (.modify, .conditional): replaced = "maybe"
        case (.modify, .never): replaced = "no"
        default: replaced = nil
        }
        var names: [String] = []
        for detail in change.details {
            let name = detail.attribute == "Properties" ? detail.name ?? detail.attribute : detail.attribute
            if !names.contains(name) { names.append(name) }
        }
        properties = names.isEmpty ? change.scope : names
    }

    var cells: [String] {
        [
            action, resource, type, replaced ?? "", properties.joined(separator: " "),
            id ?? "",
        ]
    }
}

extension [PlannedChange] {
    /// `2 to add, 1 to change (1 replaced), 0 to remove`.
    var summary: String {
        let added = count { $0.action == "add" }
        let removed = count { $0.action == "remove" || $0.action == "let go" }
        let replaced = count { $0.replaced == "yes" || $0.replaced == "maybe" }
        let detail = replaced == 0 ? "" : " (\(replaced) replaced by new ones)"
        return "\(added) to add, \(count - added - removed) to change\(detail), \(removed) to remove"
    }
}

extension StackDeployment {
    /// A database that leaves the stack: it is kept, but nothing points to it any more.
    func warnOfVolumes(_ changes: [PlannedChange]) {
        for change in changes where change.type == DeletionPlan.volume {
            guard change.action == "let go" || ["yes", "maybe"].contains(change.replaced) else { continue }
            let id = change.id ?? change.resource
            let what = change.replaced == "maybe" ? "may leave" : "leaves"
            terminal.warn(
                UserFacingError(
                    "the volume \(id) \(what) the stack; it is kept, with the database on it",
                    hint: "\(command("user-data --volume-id \(id)")) has an instance go on with it"
                )
            )
        }
    }
}
