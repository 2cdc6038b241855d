import AWSClients
import AWSOperations
import ArgumentParser
import BursarConsole
import BursarFoundation
import BursarModel
import Reports
import ServerSettings
import Spend
import SpendPull
import Storage

struct PullSpend: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull",
        abstract: "Count the calls that Bedrock has logged lately, read from CloudWatch Logs.",
        discussion: #"""
            Reads the log group that each region's logging configuration names, from 3 days
            ago on, or from --since. Each call counts once, however often it is read, so a
            pull may be repeated at any time and cut off at any moment. A log with prompts
            and answers is not read. Ends with 1 when one of the regions couldn't be read.

            Examples:
              admin spend pull
              admin spend pull --since 30d --region eu-central-1
              admin spend pull --since 2026-11-01 --format json
            """#
    )

    @OptionGroup var shared: SharedOptions
    @OptionGroup(title: "AWS") var place: LoggedRegions
    @OptionGroup(title: "AWS") var expected: ExpectedAccount
    @Option(help: ArgumentHelp("From when on: a time before now, a UTC day or a time.", valueName: "time"))
    var since = "3d"
    @Option(help: ArgumentHelp("A role that is assumed for researchers; several times for several.", valueName: "arn"))
    var role: [String] = []
    @Option(help: "table or json.")
    var format = KeyValueFormat.table

    func run() async throws {
        try await shared.runWaiting { context in
            let begin = try begin(before: context.now)
            let roles = try VendedRoles.find(role, context)
            let months = try SpendSettings(context.reader).keptMonths
            let store = try context.store()
            let ingest = SpendIngest(store.database, roles: roles, months: months) { [now = context.now] in now }
            let pull = RegionPulls(pull: LogPull(ingest), window: begin..<context.now)
            try await place.run(context, expected) { [format] account, survey in
                let (tally, failures) = try await pull.run(survey.regions, in: account)
                try ingest.record(tally, of: "the logs of \(survey.regions.joined(separator: ", "))", by: context.act)
                try context.terminal.print(SpendTallySheet(tally), as: format)
                tally.warn(on: context.terminal)
                for failure in failures.dropLast() { context.terminal.fail(failure) }
                if let last = failures.last { throw last }
            }
        }
    }

    private func begin(before now: Date) throws(UserFacingError) -> Date {
        let begin: Date
        if let span = TimeSpan(since) {
            begin = now.addingTimeInterval(-TimeInterval(span.seconds))
        } else {
            begin = try TimeOption.start(since, "--since")
        }
        guard begin < now else {
            throw UserFacingError.misuse("--since \(since) is not before now", hint: "3d, or 2026-11-30")
        }
        return begin
    }
}

/// One reading of the logs of some regions.
private struct RegionPulls: Sendable {
    let pull: LogPull
    let window: Range<Date>

    /// Reads each region; those that can't be read don't keep the others from it.
    func run(_ regions: [String], in account: AWSAccount) async throws -> (SpendTally, [UserFacingError]) {
        var tally = SpendTally()
        var failures: [UserFacingError] = []
        for region in regions {
            do {
                let clients = try account.invocationLog(in: region)
                try await read(InvocationLogSource(clients), into: &tally)
            } catch let error as CancellationError {
                throw error
            } catch let reason as UnreadableLog {
                failures.append(reason.problem(in: region))
            } catch let error as InvocationLogCallError {
                failures.append(
                    AWSErrorMessages.problem(error, profile: nil) ?? UserFacingError("\(region) can't be asked")
                )
            }
        }
        return (tally, failures)
    }

    private func read(_ source: InvocationLogSource, into tally: inout SpendTally) async throws {
        let progress = Progress("read of \(source.region)")
        defer { progress.end() }
        let start = Int64(window.lowerBound.timeIntervalSince1970 * 1000)
        let length = Int64(window.upperBound.timeIntervalSince(window.lowerBound) * 1000)
        try await pull.read(source, window, into: &tally) { lines, time in
            progress.report(lines: lines, part: time - start, of: length)
        }
    }
}
