import AWSAuth
import Console

/// One resource that a plan adds, changes or removes.
struct PlannedChange: Listed {
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
        case .remove: action = change.policyAction == "Retain" ? "let go" : "remove"
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
            action, resource, type, replaced ?? "-", properties.isEmpty ? "-" : properties.joined(separator: " "),
            id ?? "-",
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
