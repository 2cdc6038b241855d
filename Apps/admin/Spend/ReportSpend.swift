import ArgumentParser
import BursarConsole
import BursarModel
import Reports
import Storage
import Vending

struct ReportSpend: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "The cost of calls over whole UTC days.",
        discussion: #"""
            Money is tokens times prices, computed at reading, from a low to a high end: a
            log doesn't say if what was written to the cache was to be kept for five minutes
            or for an hour. A call belongs to the project that its key had when it was made.
            Identities that aren't researchers have rows of their own, in parentheses, so
            that the sum of all rows is that of the log. Models without a known price are
            named, and are in no sum of money.

            JSON and CSV have exact decimals in US dollars; tables round to cents. The page
            (--format html) stands alone: mail it, open it, print it.

            Examples:
              admin spend report --last 7d
              admin spend report --by project --month 2026-11 --format csv
              admin spend report --by day --researcher ada
              admin spend report --by model --since 2026-11-01 --until 2026-11-15 \
                --format json
              admin spend report --project engines --month 2026-11 \
                --format html --output engines.html
            """#
    )

    @OptionGroup var shared: SharedOptions
    @Option(help: "What to add up by.")
    var by = SpendGrouping.researcher
    @OptionGroup(title: "Which days") var range: UsageRange
    @OptionGroup(title: "What counts") var filter: SpendFilter
    @Option(help: "table, json, csv or html.")
    var format = ReportUsage.Format.table
    @OptionGroup var destination: ReportDestination

    func run() throws {
        try shared.run { context in
            try destination.check(context)
            let days = try range.days(today: UTCDay(containing: context.now))
            let store = try context.store()
            let scope = try filter.scope(days, in: store, context)
            guard let format = format.list else {
                let reports = try store.spend.reports(scope, by: SpendPage.groupings(by, days))
                return try destination.deliver(
                    try SpendPage(reports, scope, by: by, at: context.now).html(),
                    on: context
                )
            }
            let report = SpendOutput(try store.spend.report(scope, by: by), by: by, days, at: context.now)
            let (terminal, isShown) = (context.terminal, destination.isStandardOutput)
            let text = try report.text(
                as: format,
                isShown ? terminal.output : .plain,
                width: isShown ? terminal.width : nil
            )
            if let text { try destination.deliver(text, on: context) } else { terminal.note("there were no calls") }
            for warning in report.warnings { terminal.warn(warning) }
            if format == .table { for note in report.notes { terminal.note(note) } }
        }
    }
}

/// The filter of spend: by researcher, project, key, model or region.
struct SpendFilter: ParsableArguments {
    @Option(help: "Only this researcher's, by the handle.", completion: .handles)
    var researcher: String?
    @Option(help: "Only this project's.", completion: .projects)
    var project: String?
    @Option(help: "Only this key's, by its id or the beginning of it.", completion: .keyIDs)
    var key: String?
    @Option(help: "Only this model's, as the report by model names it.")
    var model: String?
    @Option(help: "Only calls that were sent to this region.")
    var region: String?

    func scope(_ days: ClosedRange<UTCDay>, in store: Store, _ context: AdminContext) throws -> SpendScope {
        SpendScope(
            days,
            researcher: try researcher.map {
                try store.knownResearcher($0, at: context.now).researcher.handle.description
            },
            project: try project.map { try knownProject($0, in: store) },
            key: try key.map { try store.knownKey($0).id },
            model: try model.map { try known($0, .model, in: store) },
            region: try region.map { try known($0, .region, in: store) }
        )
    }

    /// A project that calls were made for, or that there is now.
    private func knownProject(_ text: String, in store: Store) throws -> String {
        try store.spend.names(of: .project).contains(text) ? text : store.knownProject(text)
    }

    private func known(_ text: String, _ grouping: SpendGrouping, in store: Store) throws -> String {
        let names = try store.spend.names(of: grouping)
        guard !names.contains(text) else { return text }
        let near = NearestName.of(text, among: names.sorted())
        throw UserFacingError(
            "no call was made of \(grouping.rawValue) \"\(ControlText.brief(text))\"",
            hint: near.map { "did you mean \($0)?" } ?? "admin spend report --by \(grouping.rawValue) shows them"
        )
    }
}

extension SpendGrouping: ExpressibleByArgument {}
