package import BursarConsole
package import BursarFoundation
package import BursarModel
package import Storage

/// The dimension that a report sums by.
package enum UsageGrouping: String, CaseIterable, Sendable {
    case researcher
    case project
    case key
    case day
    case week
    case month
    case outcome
    case address

    /// The parts of the usage to read.
    package var parts: Usage.Parts {
        switch self {
        case .researcher, .project, .key: .keys
        case .day, .week, .month: .spans
        case .outcome: .outcomes
        case .address: .networks
        }
    }

    package var span: UsageSpan? {
        switch self {
        case .day: .day
        case .week: .week
        case .month: .month
        case .researcher, .project, .key, .outcome, .address: nil
        }
    }
}

/// The rows of usage by one dimension, with the days that they cover and their totals.
package struct UsageReport {
    package struct Totals: Encodable, Sendable {
        package let vends: Int
        package let refusals: Int

        package var text: String {
            let words = [GroupedNumber.text(vends, "vend", "vends")]
            return (refusals == 0 ? words : words + [GroupedNumber.text(refusals, "refusal", "refusals")])
                .joined(separator: " and ")
        }
    }

    /// A form in which the rows are written.
    private enum Form {
        case list(ListFormat)
        case bars(width: Int, Decoration, now: Date)
    }

    /// The JSON document: the rows and their scope.
    private struct Document<Row: Encodable>: Encodable {
        let by: String
        /// The first and last UTC day.
        let since: String
        let until: String
        let rows: [Row]
        let totals: Totals
    }

    private let usage: Usage
    private let grouping: UsageGrouping
    private let days: ClosedRange<UTCDay>

    package init(_ usage: Usage, by grouping: UsageGrouping, _ days: ClosedRange<UTCDay>) {
        self.usage = usage
        self.grouping = grouping
        self.days = days
    }

    package var totals: Totals {
        let (vends, refusals) =
            switch grouping {
            case .researcher, .project: (usage.total.tally.vends, usage.total.tally.refusals)
            case .key:
                (usage.keyRows.reduce(0) { $0 + $1.vends }, usage.keyRows.reduce(0) { $0 + $1.refusals })
            case .day, .week, .month:
                (usage.spans.reduce(0) { $0 + $1.tally.vends }, usage.spans.reduce(0) { $0 + $1.tally.refusals })
            case .outcome:
                (
                    usage.outcomes.reduce(0) { $0 + ($1.isVend ? $1.count : 0) },
                    usage.outcomes.reduce(0) { $0 + ($1.isVend ? 0 : $1.count) }
                )
            case .address: (usage.networks.reduce(0) { $0 + $1.tally.vends }, 0)
            }
        return Totals(vends: vends, refusals: refusals)
    }

    /// Returns the report in `format`; nil for a table without use.
    package func text(as format: ListFormat) throws -> String? {
        try text(.list(format))
    }

    /// Returns a table with bars for a terminal of `width`; nil without use.
    package func barTable(width: Int, _ decoration: Decoration, at now: Date) throws -> String? {
        try text(.bars(width: width, decoration, now: now))
    }

    private func text(_ form: Form) throws -> String? {
        switch grouping {
        case .researcher: try text(usage.researchers.map(ResearcherUsageRow.init), form)
        case .project: try text(usage.projects.map(ProjectUsageRow.init), form)
        case .key: try text(usage.keyRows, form)
        case .day, .week, .month: try text(usage.spans.map(SpanUsageRow.init), form)
        case .outcome: try text(usage.outcomes.map(OutcomeUsageRow.init), form)
        case .address: try text(usage.networks.map(AddressUsageRow.init), form)
        }
    }

    private func text<Row: UsageRow>(_ rows: [Row], _ form: Form) throws -> String? {
        let isUnused = rows.isEmpty || (grouping.span != nil && rows.allSatisfy(\.isUnused))
        switch form {
        case .list(.json):
            let document = Document(
                by: grouping.rawValue,
                since: days.lowerBound.description,
                until: days.upperBound.description,
                rows: rows,
                totals: totals
            )
            return try JSONText.of(document)
        case .list(.table) where isUnused, .bars where isUnused: return nil
        case .list(let format): return try RowOutput(rows: rows, whenEmpty: "").text(as: format, .plain)
        case .bars(let width, let decoration, let now):
            return BarTable(rows, at: now).text(width: width, decoration)
        }
    }
}
