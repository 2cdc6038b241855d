import ArgumentParser
import AuditVerification
import BursarConsole
import BursarFoundation
import BursarModel
import Reports
import ServerSettings
import Storage
import Vending

struct ReconcileSessions: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract: "Hold the vends against CloudTrail: what AWS issued, and what is on record.",
        discussion: #"""
            Reads AssumeRole events of files from CloudTrail's bucket (as they are, or
            unpacked), of folders of them, or of what `aws cloudtrail lookup-events`
            prints; digests, Insights and empty files are passed over and counted.
            Sessions that both sides know are counted; the others are listed:
              unrecorded  AWS issued it, and no vend of it is on record: who assumed
                          the role past the server?
              unissued    it is on record as vended, and AWS doesn't know it: are
                          files missing?
              mismatched  it is on record for another researcher or key than AWS has
                          it for, by the session's name: HANDLE+KEYID, or HANDLE alone
              unexplained the server's own role got it for a researcher, it was never
                          handed out, and nothing on record says why: did somebody use
                          the server's AWS credentials?
              unvended    the same, with a refusal of that researcher or a change of
                          theirs, their key or of all vending on record at that time.
                          Expected now and then: the key was revoked, its quota used up
                          or vending paused between AWS's answer and the commit
              check       `vending-server check` asked for it

            The role is the server's setting, unless --role names others. The time that
            the files cover is taken to be that from their first AssumeRole event to their
            last, unless --since and --until say it.

            Exit status: 1 when something is unrecorded, unissued, mismatched or
            unexplained (with --strict also unvended).

            Examples:
              admin audit reconcile 123456789012_CloudTrail_*.json.gz
              aws s3 sync s3://TRAIL/AWSLogs/123456789012 ct
              admin audit reconcile ct --since 2026-11-20
              aws cloudtrail lookup-events --lookup-attributes \
                AttributeKey=EventName,AttributeValue=AssumeRole |
                admin audit reconcile -
            """#
    )

    @OptionGroup var shared: SharedOptions
    @Argument(
        help: ArgumentHelp("JSON of CloudTrail, a folder of it, or - for standard input.", valueName: "file"),
        completion: .file(),
        transform: PathOption.read
    )
    var files: [String]
    @Option(help: ArgumentHelp("A role that is assumed for researchers; several times for several.", valueName: "arn"))
    var role: [String] = []
    @Option(help: ArgumentHelp("From when on the files tell everything.", valueName: "time"))
    var since: String?
    @Option(help: ArgumentHelp("Until when the files tell everything.", valueName: "time"))
    var until: String?
    @Flag(help: "Exit with 1 for unvended sessions too.")
    var strict = false
    @Option(help: "table, json or csv.")
    var format = ListFormat.table

    func run() throws {
        try shared.run { context in
            let given = try TimeOption.range(since: since, until: until)
            let roles = try roles(context)
            var reader = CloudTrailReader()
            for file in files { try reader.read(file) }
            if let others = reader.passedOver { context.terminal.note("passed over: \(others)") }
            if reader.keyless > 0 {
                context.terminal.warn(
                    UserFacingError("\(reader.keyless) AssumeRole events tell no access key, and are left out")
                )
            }
            let events = reader.events.filter { roles.isEmpty || roles.contains($0.roleARN) }
            guard let range = Self.range(events, given) else {
                throw UserFacingError(
                    "there is no AssumeRole event of \(roles.isEmpty ? "any role" : roles.joined(separator: ", "))",
                    hint:
                        "is it the right trail? --role names another role; --since and --until say what the files cover"
                )
            }
            let store = try context.store()
            let vended = try vends(of: store, around: range)
            let owners = try store.lists.sessionOwners()
            let result = Reconciliation(
                events,
                with: vended,
                in: range,
                explainedBy: try gaps(of: store, around: range),
                researcher: { owners.owner(of: $0)?.researcher.description }
            )
            try RowOutput(rows: result.lines, whenEmpty: "both sides agree")
                .print(as: format, on: context.terminal)
            summarise(result, range, context.terminal)
            let isAlarming = result.lines.contains { $0.finding.isAlarming || strict && $0.finding == .unvended }
            guard !isAlarming else { throw ExitCode.failure }
        }
    }

    private func roles(_ context: AdminContext) throws(UserFacingError) -> [String] {
        guard role.isEmpty else { return role }
        let main = context.reader.text(.roleARN)
        let projects = try context.reader.entries(.roleProjects) ?? []
        let roles =
            [main].compactMap(\.self)
            + projects.compactMap { entry in
                entry.firstIndex(of: "=").map { String(entry[entry.index(after: $0)...]) }
            }
        if roles.isEmpty {
            context.terminal.warn(
                UserFacingError(
                    "no role is set, so every AssumeRole of the files counts",
                    hint: "name it with --role ARN"
                )
            )
        }
        return roles
    }

    private static func range(_ events: [AssumeRoleEvent], _ given: (since: Date?, until: Date?)) -> ClosedRange<Date>?
    {
        let dates = events.map(\.date)
        guard let first = given.since ?? dates.min(), let last = given.until ?? dates.max(), first <= last else {
            return nil
        }
        return first...last
    }

    private func vends(of store: Store, around range: ClosedRange<Date>) throws -> VendedSessions {
        let progress = Progress("looked at")
        defer { progress.end() }
        var sessions = VendedSessions()
        try store.audit.vends(
            since: range.lowerBound.addingTimeInterval(-Reconciliation.longestSession),
            until: range.upperBound.addingTimeInterval(Reconciliation.longestSession),
            progress: { progress.report($0, of: $1) },
            take: { vend in
                guard !sessions.add(vend) else { return }
                throw UserFacingError(
                    "more than \(VendedSessions.limit) sessions",
                    hint: "give the files of fewer days at once"
                )
            }
        )
        return sessions
    }

    private func gaps(of store: Store, around range: ClosedRange<Date>) throws -> ExplainedGaps {
        var gaps = ExplainedGaps()
        try store.audit.possibleBlocks(
            since: range.lowerBound.addingTimeInterval(-ExplainedGaps.before),
            until: range.upperBound.addingTimeInterval(ExplainedGaps.after)
        ) { found in
            guard !gaps.add(found) else { return }
            throw UserFacingError(
                "more than \(ExplainedGaps.limit) refusals and changes",
                hint: "give the files of fewer days at once"
            )
        }
        return gaps
    }

    private func summarise(_ result: Reconciliation, _ range: ClosedRange<Date>, _ terminal: Terminal) {
        let (first, last) = (Timestamp.string(range.lowerBound), Timestamp.string(range.upperBound))
        let sessions = "\(result.matched) \(result.matched == 1 ? "session" : "sessions")"
        let vends = "\(result.vends) \(result.vends == 1 ? "vend" : "vends")"
        terminal.note("\(sessions) on both sides, \(vends) of them, \(first) to \(last)")
        let counts = Reconciliation.Finding.allCases.map { (finding: $0, count: result.count(of: $0)) }
        let found = counts.filter { $0.count > 0 }.map { "\($0.count) \($0.finding.rawValue)" }
        if !found.isEmpty { terminal.note(found.joined(separator: ", ")) }
        if result.simulated > 0 { terminal.note("\(result.simulated) simulated sessions are left out") }
        if let unvended = result.lines.first(where: { $0.finding == .unvended }) {
            let time = Timestamp.string(unvended.date)
            terminal.note("unvended is expected after a refusal: admin audit list --kind refusal --since \(time)")
        }
        if let unexplained = result.lines.first(where: { $0.finding == .unexplained }) {
            let time = Timestamp.string(unexplained.date)
            terminal.note(
                "unexplained: unless the server's log at \(time) tells of a failed record, a lost client or a stop, "
                    + "its AWS credentials were used elsewhere"
            )
        }
    }
}

extension Reconciliation.Line: TableRow {
    static let columns: [Table.Column] = [
        .init("finding"), .init("time"), .init("access key"), .init("session"), .init("researcher"), .init("key"),
        .init("role"), .init("caller"),
    ]

    var cells: [String] {
        [
            finding.rawValue, time, accessKeyID, session ?? "", researcher ?? "", key ?? "", role ?? "", caller ?? "",
        ]
    }
}
