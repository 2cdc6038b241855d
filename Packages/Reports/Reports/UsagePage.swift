import BursarConsole
package import BursarFoundation
package import BursarModel
import HTMLTemplates
package import Storage

/// A self-contained page to mail or print: charts with their tables, no scripts, no external resources.
package struct UsagePage {
    private let usage: Usage
    private let scope: UsageScope
    private let grouping: UsageGrouping
    private let span: UsageSpan
    private let date: Date

    package init(usage: Usage, scope: UsageScope, grouping: UsageGrouping, span: UsageSpan, date: Date) {
        self.usage = usage
        self.scope = scope
        self.grouping = grouping
        self.span = span
        self.date = date
    }

    /// The parts of the usage to read.
    package static func parts(_ scope: UsageScope) -> Usage.Parts {
        hasNetworks(scope) ? [.keys, .spans, .outcomes, .networks] : [.keys, .spans, .outcomes]
    }

    /// Days for up to a quarter, weeks for up to some years, unless requested otherwise.
    package static func span(_ grouping: UsageGrouping, _ days: ClosedRange<UTCDay>) -> UsageSpan {
        let count = days.upperBound.number - days.lowerBound.number + 1
        return grouping.span ?? (count <= 92 ? .day : count <= 3 * 366 ? .week : .month)
    }

    package func html() throws -> String {
        try HTMLTemplate(PackageResources.report_mustache).render(context)
    }

    private var context: [String: Any] {
        let total = usage.total
        return PageSection.page(
            title: "Use",
            subtitle: "Hand-overs of credentials; not calls, not money",
            whose: whose,
            subject: subject,
            scope.days,
            at: date,
            totals: [
                ("vends", total.tally.vends), ("refusals", total.tally.refusals), ("researchers", total.researchers),
                ("keys used", total.keys),
            ].map { ($0, GroupedNumber.text($1)) },
            sections,
            footer: Self.footer
        )
    }

    private static let footer = [
        """
        A vend is one hand-over of short-lived AWS credentials; what was done with them is in AWS's own invocation logs
        and cost reports. A refusal is a request that got none. Days begin at 00:00 UTC.
        """,
        """
        Networks are counted as /24 (IPv4) or /48 (IPv6), at most 50 a key and day; what is beyond stands as “other”.
        """,
    ]

    /// The researcher or project in the title; nil for all.
    private var whose: String? {
        let parts = [scope.project.map { "project \($0)" }, scope.researcher.map { "researcher \($0)" }]
            .compactMap(\.self)
        return parts.isEmpty ? nil : ControlText.visible(parts.joined(separator: ", "))
    }

    /// The filter of the report; nil when there is none.
    private var subject: String? {
        let parts = [
            scope.researcher.map { "researcher \($0)" }, scope.project.map { "project \($0)" },
            scope.key.map { "key \($0)" }, scope.outcome.map { "outcome \($0.name)" },
        ].compactMap(\.self)
        return parts.isEmpty ? nil : ControlText.visible(parts.joined(separator: ", "))
    }

    /// Researchers first, and the long list of days last.
    ///
    /// A section of one row is left to the totals, unless it was requested.
    private var sections: [PageSection] {
        var sections = [researcherSection]
        if grouping == .project || usage.projects.count > 1 { sections.append(projectSection) }
        if grouping == .key { sections.append(keySection) }
        if grouping == .outcome || usage.outcomes.count > 1 { sections.append(outcomeSection) }
        if Self.hasNetworks(scope), grouping == .address || usage.networks.count > 1 { sections.append(addressSection) }
        if grouping.span != nil || usage.spans.count > 1 { sections.append(timeSection) }
        return sections
    }

    /// Addresses are counted for vends only.
    private static func hasNetworks(_ scope: UsageScope) -> Bool {
        scope.outcome == nil || scope.outcome == .vended
    }

    private var timeSection: PageSection {
        let unit =
            switch span {
            case .day: "day"
            case .week: "week"
            case .month: "month"
            }
        return PageSection(
            id: "time",
            heading: "By \(unit)",
            caption: "Vends and refusals by \(unit), UTC",
            chart: .columns(
                usage.spans.map { Chart.Column(name: $0.name, lower: $0.tally.vends, upper: $0.tally.refusals) },
                unit: unit,
                title: "Vends and refusals",
                (lower: .vends, upper: .refusals)
            ),
            rows: usage.spans.map(SpanUsageRow.init),
            folded: grouping.span == nil ? "each \(unit) (\(GroupedNumber.text(usage.spans.count)))" : nil,
            note: scope.isSpanned ? nil : "Only the time from the first use to the last."
        )
    }

    private var researcherSection: PageSection {
        let all = usage.researchers
        let groups = all.filter { !$0.tally.isEmpty }
        let bars = groups.map { group in
            Chart.Bar(name: name(group.person?.name), value: group.tally.vends)
        }
        return PageSection(
            id: "researchers",
            heading: "By researcher",
            caption: "Vends and refusals by researcher, busiest first",
            chart: bars.count > 1 ? .bars(bars, title: "Vends by researcher", of: "researchers") : nil,
            rows: groups.map(ResearcherUsageRow.init),
            note: unused(all.count - groups.count, "researcher", "researchers")
        )
    }

    private var projectSection: PageSection {
        let all = usage.projects
        let groups = all.filter { !$0.tally.isEmpty }
        let bars = groups.map { Chart.Bar(name: name($0.projects.first), value: $0.tally.vends) }
        return PageSection(
            id: "projects",
            heading: "By project",
            caption: "Vends and refusals by project, busiest first",
            chart: .bars(bars, title: "Vends by project", of: "projects"),
            rows: groups.map(ProjectUsageRow.init),
            note: unused(all.count - groups.count, "project", "projects")
        )
    }

    private var keySection: PageSection {
        var shown = usage
        shown.keys.removeAll(where: \.isCanary)
        let bars = shown.keys.map { Chart.Bar(name: "\($0.person.handle) \($0.id)", value: $0.tally.vends) }
        return PageSection(
            id: "keys",
            heading: "By key",
            caption: "Vends and refusals by key, busiest first",
            chart: .bars(bars, title: "Vends by key", of: "keys"),
            rows: shown.keyRows,
            note: unused(usage.keyCount - Set(shown.keys.map(\.id)).count, "key", "keys")
        )
    }

    private var outcomeSection: PageSection {
        let bars = usage.outcomes.map { outcome in
            Chart.Bar(
                name: outcome.outcome,
                value: outcome.count,
                kind: outcome.isVend ? .vends : .refusals
            )
        }
        return PageSection(
            id: "outcomes",
            heading: "Outcomes",
            caption: "What became of requests: vended, or the code of the refusal",
            chart: .bars(bars, title: "Requests by outcome", of: "outcomes"),
            rows: usage.outcomes.map(OutcomeUsageRow.init)
        )
    }

    private var addressSection: PageSection {
        let bars = usage.networks.map { Chart.Bar(name: $0.network, value: $0.tally.vends) }
        return PageSection(
            id: "addresses",
            heading: "By network",
            caption: "Vends by the network they were asked for from",
            chart: .bars(bars, title: "Vends by network", of: "networks"),
            rows: usage.networks.map(AddressUsageRow.init)
        )
    }

    /// The line that counts those without a row.
    private func unused(_ count: Int, _ one: String, _ many: String) -> String? {
        count == 0 ? nil : "\(GroupedNumber.text(count, "more \(one)", "more \(many)")) had no use."
    }

    private func name(_ text: String?) -> String {
        text.map { ControlText.visible($0) } ?? "(no such key)"
    }
}
