import ArgumentParser
import BursarConsole
import BursarModel
import Storage
import SystemPackage

struct ReportUsage: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Vends and refusals over whole UTC days.",
        discussion: #"""
            Refusals of ids that no key has stand in a row of their own; self-tests are in
            no report. Uses of canaries stand under --by outcome and --by key only, and
            not in the page. Networks are counted of vends only. The page (--format html)
            stands alone: mail it, open it, print it. JSON has the rows, the range
            (since, until) and the totals.

            Examples:
              admin usage report --last 7d
              admin usage report --by project --month 2026-11 --format csv
              admin usage report --by day --researcher ada
              admin usage report --by outcome --outcome refused
              admin usage report --project engines --month 2026-11 \
                --format html --output engines.html
            """#
    )

    enum Format: String, CaseIterable, ExpressibleByArgument {
        case table
        case json
        case csv
        case html

        var list: ListFormat? { ListFormat(rawValue: rawValue) }
    }

    @OptionGroup var shared: SharedOptions
    @Option(help: "What to add up by.")
    var by = UsageGrouping.researcher
    @OptionGroup(title: "Which days") var range: UsageRange
    @OptionGroup(title: "What counts") var filter: UsageFilter
    @Option(help: "table, json, csv or html.")
    var format = Format.table
    @Option(
        help: ArgumentHelp("Write it to this new file, which only you may read.", valueName: "file"),
        completion: .file(),
        transform: PathOption.read
    )
    var output: String?
    @Flag(help: "Replace the file of --output when there is one.")
    var force = false

    func run() throws {
        try shared.run { context in
            if let output { try context.checkOutput(FilePath(output)) }
            let days = try range.days(today: UTCDay(containing: context.now))
            let store = try context.store()
            let scope = try filter.scope(days, in: store, at: context.now)
            guard let list = format.list else {
                let span = UsagePage.span(by, days)
                var scope = scope
                // A page is mailed, and its readers needn't know of the canaries.
                scope.showsCanaries = false
                let usage = try store.usage(scope, UsagePage.parts(scope), by: span)
                let page = UsagePage(usage: usage, scope: scope, grouping: by, span: span, date: context.now)
                return try deliver(try page.html(), on: context)
            }
            if by == .address, let outcome = scope.outcome, outcome != .vended {
                throw UserFacingError.misuse(
                    "refusals are not counted by address",
                    hint: "admin audit list shows where they came from"
                )
            }
            let usage = try store.usage(scope, by.parts, by: by.span ?? .day)
            try print(usage, days, as: list, on: context)
            if by.span != nil, !scope.isSpanned {
                context.terminal.note("the range is long: the time before the first use and after the last is left out")
            }
            if format == .table {
                let totals = totals(of: usage)
                context.terminal.note("\(totals.text) from \(days.lowerBound) to \(days.upperBound), UTC")
            }
        }
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

    private struct Totals: Encodable {
        let vends: Int
        let refusals: Int

        var text: String {
            let words = [GroupedNumber.text(vends, "vend", "vends")]
            return (refusals == 0 ? words : words + [GroupedNumber.text(refusals, "refusal", "refusals")])
                .joined(separator: " and ")
        }
    }

    private func print(_ usage: Usage, _ days: ClosedRange<UTCDay>, as format: ListFormat, on context: AdminContext)
        throws
    {
        func print<Row: UsageRow>(_ rows: [Row]) throws {
            guard format == .json else { return try self.print(rows, as: format, on: context) }
            let document = Document(
                by: by.rawValue,
                since: days.lowerBound.description,
                until: days.upperBound.description,
                rows: rows,
                totals: totals(of: usage)
            )
            try deliver(try JSONText.of(document), on: context)
        }
        switch by {
        case .researcher: try print(usage.researchers.map(ResearcherUsageRow.init))
        case .project: try print(usage.projects.map(ProjectUsageRow.init))
        case .key: try print(usage.keyRows)
        case .day, .week, .month: try print(usage.spans.map(SpanUsageRow.init))
        case .outcome: try print(usage.outcomes.map(OutcomeUsageRow.init))
        case .address: try print(usage.networks.map(AddressUsageRow.init))
        }
    }

    private func print<Row: UsageRow>(_ rows: [Row], as format: ListFormat, on context: AdminContext) throws {
        let isUnused = rows.isEmpty || (by.span != nil && rows.allSatisfy(\.isUnused))
        if format == .table, isUnused { return context.terminal.note("there was no use") }
        if format == .table, output == nil, let size = TerminalSize(of: .output) {
            let text = BarTable(rows, at: context.now).text(width: size.columns, context.terminal.output)
            return try context.terminal.print(text)
        }
        try deliver(try RowOutput(rows: rows, whenEmpty: "").text(as: format, .plain), on: context)
    }

    private func deliver(_ text: String, on context: AdminContext) throws {
        guard let output else { return try context.terminal.print(text) }
        try OutputFile.write(text + "\n", to: FilePath(output), isReplacing: force, on: context)
        context.terminal.note("wrote \(output)")
    }

    private func totals(of usage: Usage) -> Totals {
        let (vends, refusals) =
            switch by {
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
}
