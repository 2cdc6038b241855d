import AWSAuth
import AWSClients
import AWSOperations
import ArgumentParser
import BursarConsole
import BursarFoundation
import BursarModel
import Reports
import Storage

struct ShowSpendStatus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show where calls are logged, by whose configuration, and how fresh the log is.",
        discussion: #"""
            Ends with 1 when calls are not metered: in a region that the researchers' roles
            allow and that isn't logged; where prompts and answers were switched on, since
            such a log is not read; where AWS can't be asked. The newest record is looked
            for in the last 15 minutes, and else among those that were counted.

            Examples:
              admin spend status
              admin spend status --region eu-central-1 --format json
            """#
    )

    @OptionGroup var shared: SharedOptions
    @OptionGroup(title: "AWS") var place: LoggedRegions
    @OptionGroup(title: "AWS") var expected: ExpectedAccount
    @Option(help: "table or json.")
    var format = KeyValueFormat.table

    func run() async throws {
        try await shared.runWaiting { context in
            try await place.run(context, expected) { [format] account, survey in
                let coverage = try await survey.coverage(in: account)
                // On an operator's own machine there may be no database.
                let counted = (try? context.store().spend.latestRecords()) ?? [:]
                var rows: [RegionRow] = []
                for status in coverage.regions {
                    let newest = try await Self.newestRecord(status, in: account) ?? counted[status.region]
                    rows.append(RegionRow(status, newest, at: account.now()))
                }
                let problems = coverage.problems
                switch format {
                case .table: try RowOutput(rows: rows, whenEmpty: "").print(as: .table, on: account.terminal)
                case .json: try account.terminal.print(JSONText.of(Status(survey, coverage, rows)))
                }
                for problem in problems { account.terminal.warn(problem) }
                guard problems.isEmpty else { throw ExitCode.failure }
            }
        }
    }

    /// Returns the time of the newest record; nil where the log has none lately, or can't be read.
    private static func newestRecord(_ status: RegionLoggingStatus, in account: AWSAccount) async throws -> Date? {
        guard status.logging == .on else { return nil }
        do {
            let source = InvocationLogSource(try account.invocationLog(in: status.region))
            return try await source.newestRecord(before: account.now())
        } catch let error as CancellationError {
            throw error
        } catch let reason as UnreadableLog {
            account.terminal.note(reason.problem(in: status.region).problem)
        } catch {
            let why = AWSErrorMessages.problem(error, profile: nil)?.problem ?? "AWS can't be asked"
            account.terminal.note("the newest record was not looked for: \(why)")
        }
        return nil
    }

    /// The JSON of a status.
    private struct Status: Encodable {
        let account: String
        let regions: [RegionRow]
        /// Left out if any region is allowed, or if it wasn't looked up.
        let allowedRegions: [String]?
        let allowsAnyRegion: Bool
        /// The regions whose calls no log has that can be read.
        let unlogged: [String]

        init(_ survey: LoggingSurvey, _ coverage: LoggingCoverage, _ rows: [RegionRow]) {
            account = survey.identity.account
            regions = rows
            if case .named(let names) = coverage.allowed {
                allowedRegions = names.sorted()
            } else {
                allowedRegions = nil
            }
            allowsAnyRegion = coverage.allowed == .anywhere
            unlogged = coverage.unlogged
        }
    }

    /// A region and its log.
    private struct RegionRow: TableRow {
        static let columns: [Table.Column] = [
            .init("region"), .init("logged"), .init("by"), .init("prompts, answers"), .init("log group"),
            .init("class", isMinor: true), .init("kept"), .init("newest record"),
        ]

        let region: String
        let logged: RegionLoggingStatus.Logging
        let owner: RegionLogging.Owner?
        let bodies: [InvocationLogging.Body]?
        let logGroup: String?
        let logGroupClass: String?
        let retentionDays: Int?
        let newestRecord: String?
        /// In seconds.
        let dataAge: Int?
        let problem: String?

        init(_ status: RegionLoggingStatus, _ newest: Date?, at now: Date) {
            region = status.region
            logged = status.logging
            owner = status.owner
            bodies = status.state?.configuration?.bodies
            logGroup = status.state?.configuration?.logGroup?.name
            logGroupClass = logGroup == nil ? nil : status.state?.group?.logClass
            retentionDays = logGroup == nil ? nil : status.state?.group?.retention
            newestRecord = newest.map { Timestamp.string($0) }
            dataAge = newest.map { max(0, Int(now.timeIntervalSince($0))) }
            problem = status.problem?.problem
        }

        var cells: [String] {
            let kept = logGroupClass == nil ? "" : retentionDays.map { "\($0)d" } ?? "for ever"
            return [
                region, logged.rawValue, owner?.rawValue ?? "", bodies.map { $0.isEmpty ? "no" : "yes" } ?? "",
                logGroup ?? "", logGroupClass ?? "", kept, dataAge.map { "\(TimeSpan(seconds: $0)) ago" } ?? "",
            ]
        }

        var tones: [String: Table.Tone] {
            let isOn = logged == .on
            return ["logged": isOn ? .good : .bad, "prompts, answers": bodies?.isEmpty == false ? .bad : .good]
        }
    }
}
