import BursarConsole
package import BursarFoundation
package import BursarModel
import HTMLTemplates
import Spend
package import Storage

/// A self-contained page of what calls cost, to mail or print: people first, the long list of days last.
package struct SpendPage {
    private let reports: [SpendGrouping: SpendReport]
    private let scope: SpendScope
    private let grouping: SpendGrouping
    private let date: Date

    /// `reports` are those of ``groupings(_:_:)``, of one moment; the section of the requested `grouping` is shown even if
    /// it has one row.
    package init(
        _ reports: [SpendGrouping: SpendReport],
        _ scope: SpendScope,
        by grouping: SpendGrouping,
        at date: Date
    ) {
        self.reports = reports
        self.scope = scope
        self.grouping = grouping
        self.date = date
    }

    /// The reports that the page is made of.
    package static func groupings(_ grouping: SpendGrouping, _ days: ClosedRange<UTCDay>) -> [SpendGrouping] {
        let all: [SpendGrouping] = [.researcher, .project, .model, .region, time(grouping, days)]
        return all.contains(grouping) ? all : all + [grouping]
    }

    /// Days for up to a quarter, weeks for up to some years, unless requested otherwise.
    private static func time(_ grouping: SpendGrouping, _ days: ClosedRange<UTCDay>) -> SpendGrouping {
        guard grouping.span == nil else { return grouping }
        let count = days.upperBound.number - days.lowerBound.number + 1
        return count <= 92 ? .day : count <= 3 * 366 ? .week : .month
    }

    package func html() throws -> String {
        try HTMLTemplate(PackageResources.report_mustache).render(context)
    }

    private var context: [String: Any] {
        let totals = reports[.researcher]?.totals ?? SpendReport.Row(name: "")
        let whose = [scope.project.map { "project \($0)" }, scope.researcher.map { "researcher \($0)" }]
            .compactMap(\.self)
        let subject =
            whose
            + [
                scope.key.map { "key \($0)" }, scope.model.map { "model \($0)" }, scope.region.map { "region \($0)" },
            ].compactMap(\.self)
        return PageSection.page(
            title: "Cost",
            subtitle: "Estimated from AWS's log of calls and its price list; not the bill",
            whose: Self.joined(whose),
            subject: Self.joined(subject),
            scope.days,
            at: date,
            totals: [
                ("US dollars, estimated", Self.range(totals)),
                ("calls", GroupedNumber.text(Int(totals.calls))),
                ("input tokens", GroupedNumber.text(Int(totals.tokens.input))),
                ("output tokens", GroupedNumber.text(Int(totals.tokens.output))),
            ],
            sections,
            footer: footer
        )
    }

    private static func joined(_ parts: [String]) -> String? {
        parts.isEmpty ? nil : ControlText.visible(parts.joined(separator: ", "))
    }

    private static func range(_ row: SpendReport.Row) -> String {
        row.low == row.high ? row.shown(row.high) : "\(row.low.rounded) to \(row.shown(row.high))"
    }

    // MARK: Sections

    /// A section of one row is left to the totals, unless it was requested.
    private var sections: [PageSection] {
        let headings: [(SpendGrouping, String, String)] = [
            (.researcher, "researchers", "researcher"), (.project, "projects", "project"), (.key, "keys", "key"),
            (.model, "models", "model"), (.region, "regions", "region"),
        ]
        var sections: [PageSection] = []
        for (other, id, name) in headings {
            guard let report = reports[other] else { continue }
            let isShown = other == .researcher || other == grouping || report.rows.count > 1
            if isShown { sections.append(section(report, id, name)) }
        }
        let time = Self.time(grouping, scope.days)
        if let report = reports[time], time == grouping || report.rows.count > 1 {
            sections.append(section(report, time))
        }
        return sections
    }

    private static let columns = ["calls", "input", "output", "cache read", "cache write", "low", "high"]

    private func section(_ report: SpendReport, _ id: String, _ name: String) -> PageSection {
        let bars = report.rows.map {
            Chart.Bar(name: ControlText.visible($0.name), value: Self.drawn($0.high), kind: .low)
        }
        let title = "Cost by \(name), high estimate"
        return PageSection(
            id: id,
            heading: "By \(name)",
            caption: "Calls, tokens and US dollars by \(name), the dearest first",
            chart: bars.count > 1 ? .bars(bars, title: title, of: id, text: Self.money) : nil,
            columns: [name] + Self.columns,
            rows: Self.lines(report.rows)
        )
    }

    private func section(_ report: SpendReport, _ time: SpendGrouping) -> PageSection {
        let columns = report.rows.map { row in
            Chart.Column(name: row.name, lower: Self.drawn(row.low), upper: Self.drawn(row.high - row.low))
        }
        return PageSection(
            id: "time",
            heading: "By \(time.rawValue)",
            caption: "Calls, tokens and US dollars by \(time.rawValue), UTC",
            chart: .columns(columns, unit: time.rawValue, title: "Cost", (lower: .low, upper: .high), text: Self.money),
            columns: [time.rawValue] + Self.columns,
            rows: report.rows.map(Self.line),
            folded: grouping == time ? nil : "each \(time.rawValue) (\(GroupedNumber.text(report.rows.count)))"
        )
    }

    /// The dearest rows, and one that sums up the rest.
    private static func lines(_ rows: [SpendReport.Row]) -> [[String]] {
        guard rows.count > PageSection.limit else { return rows.map(line) }
        let rest = rows[(PageSection.limit - 1)...]
        let sum = rest.reduce(into: SpendReport.Row(name: "\(rest.count) more")) { $0.add($1) }
        return rows.prefix(PageSection.limit - 1).map(line) + [line(sum)]
    }

    private static func line(_ row: SpendReport.Row) -> [String] {
        let counts = [row.calls] + TokenClass.allCases.map { row.tokens[$0] }
        return [row.name] + counts.map { GroupedNumber.text(Int($0)) } + [row.shown(row.low), row.shown(row.high)]
    }

    // MARK: Drawing

    /// Units of 10⁻¹⁶ USD in one unit of a chart, a millionth of a dollar: lengths are drawn, and never summed up.
    private static let chartUnit: Int128 = 10_000_000_000

    private static func drawn(_ amount: USD) -> Int { Int(clamping: amount.units / chartUnit) }

    private static func money(_ drawn: Int) -> String { "$" + USD(units: Int128(drawn) * chartUnit).rounded }

    // MARK: Footer

    /// The gaps of the figures, and how they come about.
    private var footer: [String] {
        var lines: [String] = []
        let report = reports[.researcher] ?? SpendReport()
        let others = report.rows.filter { !$0.isResearcher && $0.calls > 0 }
        if !others.isEmpty {
            let sum = others.reduce(into: SpendReport.Row(name: "")) { $0.add($1) }
            lines.append(
                "Not a researcher's: \(GroupedNumber.text(Int(sum.calls), "call", "calls")) for \(Self.range(sum)) US dollars, "
                    + "in the rows in parentheses."
            )
        }
        for unpriced in report.unpriced {
            let tokens = TokenClass.allCases.reduce(0) { $0 + Int(clamping: unpriced.tokens[$1]) }
            lines.append(
                "Without a known price, and in no sum of money (hence a plus): \(GroupedNumber.text(tokens, "token", "tokens")) of "
                    + "\(ControlText.visible(unpriced.model)) in \(GroupedNumber.text(Int(unpriced.calls), "call", "calls"))."
            )
        }
        if report.state.quarantined > 0 {
            let count = GroupedNumber.text(Int(report.state.quarantined), "line", "lines")
            lines.append("Of the whole log, \(count) can't be counted.")
        }
        if let latest = report.state.latest {
            lines.append("The newest call that is counted was made on \(PageTime.long(latest)).")
        }
        return lines + [
            """
            Not logged by AWS, and so not here: batch jobs, bidirectional streams, and calls of the bedrock-mantle endpoint.
            """,
            """
            An estimate is a range, since the log doesn't say whether what was written to the cache was to be kept for five
            minutes or for an hour. A call belongs to the project that its key had when it was made. Days begin at 00:00 UTC.
            """,
        ]
    }
}
