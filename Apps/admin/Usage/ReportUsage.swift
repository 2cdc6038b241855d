import ArgumentParser
import BursarConsole
import BursarModel
import Reports
import Storage

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
    @OptionGroup var destination: ReportDestination

    func run() throws {
        try shared.run { context in
            try destination.check(context)
            let days = try range.days(today: UTCDay(containing: context.now))
            let store = try context.store()
            let scope = try filter.scope(days, in: store, at: context.now)
            guard let list = format.list else {
                let span = UsagePage.span(by, days)
                var scope = scope
                // A page is mailed, and its readers needn't know of the canaries.
                scope.showsCanaries = false
                let usage = try store.reports.usage(scope, UsagePage.parts(scope), by: span)
                let page = UsagePage(usage: usage, scope: scope, grouping: by, span: span, date: context.now)
                return try destination.deliver(try page.html(), on: context)
            }
            if by == .address, let outcome = scope.outcome, outcome != .vended {
                throw UserFacingError.misuse(
                    "refusals are not counted by address",
                    hint: "admin audit list shows where they came from"
                )
            }
            let usage = try store.reports.usage(scope, by.parts, by: by.span ?? .day)
            let report = UsageReport(usage, by: by, days)
            try print(report, as: list, on: context)
            if by.span != nil, !scope.isSpanned {
                context.terminal.note("the range is long: the time before the first use and after the last is left out")
            }
            if format == .table {
                context.terminal.note("\(report.totals.text) from \(days.lowerBound) to \(days.upperBound), UTC")
            }
        }
    }

    private func print(_ report: UsageReport, as format: ListFormat, on context: AdminContext) throws {
        if format == .table, destination.isStandardOutput, let size = TerminalSize(of: .output) {
            let bars = try report.barTable(width: size.columns, context.terminal.output, at: context.now)
            guard let bars else { return context.terminal.note(Self.unused) }
            return try context.terminal.print(bars)
        }
        guard let text = try report.text(as: format) else { return context.terminal.note(Self.unused) }
        try destination.deliver(text, on: context)
    }

    private static let unused = "there was no use"
}
