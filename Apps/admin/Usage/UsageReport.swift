import ArgumentParser
import BursarCore
import Console
import Storage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct UsageReport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Vends per researcher over whole UTC days.",
        discussion: """
            Examples:
              admin usage report --by researcher
              admin usage report --since 2026-11-01 --until 2026-11-30 --format csv
            """
    )

    enum Grouping: String, CaseIterable, ExpressibleByArgument {
        case researcher
    }

    @OptionGroup var shared: SharedOptions
    @Option(help: "What to add up by.")
    var by = Grouping.researcher
    @Option(help: "First UTC day, YYYY-MM-DD; 30 days ago unless given.")
    var since: String?
    @Option(help: "Last UTC day, YYYY-MM-DD; today unless given.")
    var until: String?
    @Option(help: "table, json or csv.")
    var format = ListFormat.table

    func run() throws {
        try shared.run { desk in
            let today = UTCDay(containing: desk.now)
            let last = try until.map { try day($0, "--until") } ?? today
            let first = try since.map { try day($0, "--since") } ?? UTCDay(number: last.number - 29)
            guard first <= last else {
                throw Problem("\(first) is after \(last)", hint: "--since is the earlier day")
            }
            let rows = try desk.store().usageByResearcher(in: first...last).map(Row.init)
            try Listing(rows: rows, whenEmpty: "no researchers yet: admin researchers add HANDLE …")
                .print(as: format, on: desk.terminal)
            if format == .table {
                let total = rows.reduce(0) { $0 + $1.vends }
                desk.terminal.note("\(total) \(total == 1 ? "vend" : "vends") from \(first) to \(last), UTC")
            }
        }
    }

    private func day(_ text: String, _ option: String) throws(Problem) -> UTCDay {
        guard let day = UTCDay(text) else {
            throw Problem("\(option) \"\(text)\" is not a day", hint: "write it as 2026-11-30")
        }
        return day
    }

    private struct Row: Listed {
        static let columns: [Table.Column] = [
            .init("researcher"), .init("project"), .init("keys used", .right), .init("vends", .right),
            .init("last vend"),
        ]

        let researcher: String
        let project: String
        let keysUsed: Int
        let vends: Int
        let lastVend: String?

        init(_ line: UsageLine) {
            researcher = line.researcher
            project = line.project
            keysUsed = line.keys
            vends = line.vends
            lastVend = line.lastVend.map { Timestamp.string($0) }
        }

        var cells: [String] { [researcher, project, String(keysUsed), String(vends), lastVend ?? "-"] }
    }
}
