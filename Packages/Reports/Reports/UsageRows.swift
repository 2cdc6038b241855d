import BursarConsole
import BursarFoundation
import BursarModel
import Storage

/// A row of a report: a list's row with a size.
protocol UsageRow: TableRow {
    /// The length of its bar.
    var size: Int { get }
    /// The titles of columns that are dropped on a narrow terminal, the first first.
    static var dispensable: [String] { get }
    /// True if the row is present for completeness only.
    var isUnused: Bool { get }
}

extension UsageRow {
    var isUnused: Bool { size == 0 }

    /// Rows without a name are refusals of unknown key ids; CSV leaves that cell empty.
    var tableCells: [String] {
        cells.first?.isEmpty == true ? [unknownKeys] + cells.dropFirst() : cells
    }

    /// The last column as a readable time, or a dash.
    func cells(showing time: (Date) -> String) -> [String] {
        zip(tableCells, Self.columns).map { cell, column in
            guard column.title.hasPrefix("last"), let date = Timestamp.date(cell) else {
                return cell.isEmpty ? "-" : cell
            }
            return time(date)
        }
    }
}

/// The name in tables for refusals of unknown key ids.
private let unknownKeys = "(no such key)"

struct ResearcherUsageRow: UsageRow {
    static let columns: [Table.Column] = [
        .init("researcher"), .init("name"), .init("project"), .init("keys used", .right), .init("vends", .right),
        .init("refusals", .right), .init("last vend"),
    ]
    static let dispensable = ["name", "keys used", "last vend", "project", "refusals"]

    let researcher: String?
    let name: String?
    /// The projects that the use counts for; the researcher's own without use.
    let project: String?
    let keysUsed: Int
    let vends: Int
    let refusals: Int
    let lastVend: String?

    init(_ group: Usage.Group) {
        researcher = group.person?.handle
        name = group.person?.name
        project = group.projects.isEmpty ? group.person?.project : group.projects.joined(separator: ", ")
        keysUsed = group.keys
        vends = group.tally.vends
        refusals = group.tally.refusals
        lastVend = group.tally.lastVend.map { Timestamp.string($0) }
    }

    var size: Int { vends }
    var cells: [String] {
        [
            researcher ?? "", name ?? "", project ?? "", String(keysUsed), String(vends), String(refusals),
            lastVend ?? "",
        ]
    }
}

struct ProjectUsageRow: UsageRow {
    static let columns: [Table.Column] = [
        .init("project"), .init("researchers", .right), .init("keys used", .right), .init("vends", .right),
        .init("refusals", .right), .init("last vend"),
    ]
    static let dispensable = ["keys used", "last vend", "researchers", "refusals"]

    let project: String?
    /// The number of researchers with any use.
    let researchers: Int
    let keysUsed: Int
    let vends: Int
    let refusals: Int
    let lastVend: String?

    init(_ group: Usage.Group) {
        project = group.projects.first
        researchers = group.researchers
        keysUsed = group.keys
        vends = group.tally.vends
        refusals = group.tally.refusals
        lastVend = group.tally.lastVend.map { Timestamp.string($0) }
    }

    var size: Int { vends }
    var cells: [String] {
        [
            project ?? "", String(researchers), String(keysUsed), String(vends), String(refusals),
            lastVend ?? "",
        ]
    }
}

struct KeyUsageRow: UsageRow {
    static let columns: [Table.Column] = [
        .init("key"), .init("researcher"), .init("label"), .init("project"), .init("vends", .right),
        .init("refusals", .right), .init("last vend"),
    ]
    static let dispensable = ["project", "label", "last vend", "refusals", "researcher"]

    let key: String?
    let researcher: String?
    let label: String?
    let project: String?
    let vends: Int
    let refusals: Int
    let lastVend: String?

    init(_ key: Usage.Key) {
        self.key = key.id
        researcher = key.person.handle
        label = key.label
        project = key.project
        vends = key.tally.vends
        refusals = key.tally.refusals
        lastVend = key.tally.lastVend.map { Timestamp.string($0) }
    }

    init(unknown tally: UsageTally) {
        (key, researcher, label, project, lastVend) = (nil, nil, nil, nil, nil)
        vends = tally.vends
        refusals = tally.refusals
    }

    var size: Int { vends }
    var cells: [String] {
        [
            key ?? "", researcher ?? "", label ?? "", project ?? "", String(vends), String(refusals),
            lastVend ?? "",
        ]
    }
}

/// A day, a week or a month.
struct SpanUsageRow: UsageRow {
    static let columns: [Table.Column] = [.init("time"), .init("vends", .right), .init("refusals", .right)]
    static let dispensable = ["refusals"]

    /// `2026-11-30`, `2026-W48` or `2026-11`.
    let time: String
    let vends: Int
    let refusals: Int

    init(_ span: Usage.Span) {
        time = span.name
        vends = span.tally.vends
        refusals = span.tally.refusals
    }

    var size: Int { vends }
    var isUnused: Bool { vends == 0 && refusals == 0 }
    var cells: [String] { [time, String(vends), String(refusals)] }
}

struct OutcomeUsageRow: UsageRow {
    static let columns: [Table.Column] = [.init("outcome"), .init("count", .right), .init("last")]
    static let dispensable = ["last"]

    let outcome: String
    let count: Int
    let last: String

    init(_ outcome: Usage.Outcome) {
        self.outcome = outcome.outcome
        count = outcome.count
        last = Timestamp.string(outcome.last)
    }

    var size: Int { count }
    var cells: [String] { [outcome, String(count), last] }
}

struct AddressUsageRow: UsageRow {
    static let columns: [Table.Column] = [
        .init("network"), .init("keys", .right), .init("vends", .right), .init("last vend"),
    ]
    static let dispensable = ["last vend", "keys"]

    let network: String
    let keys: Int
    let vends: Int
    let lastVend: String?

    init(_ network: Usage.Network) {
        self.network = network.network
        keys = network.keys
        vends = network.tally.vends
        lastVend = network.tally.lastVend.map { Timestamp.string($0) }
    }

    var size: Int { vends }
    var cells: [String] { [network, String(keys), String(vends), lastVend ?? ""] }
}

extension Usage {
    /// The keys, and the unknown ids of refusals.
    var keyRows: [KeyUsageRow] {
        keys.map(KeyUsageRow.init) + (unknown.isEmpty ? [] : [KeyUsageRow(unknown: unknown)])
    }
}
