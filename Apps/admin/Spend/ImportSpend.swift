import ArgumentParser
import BursarConsole
import BursarFoundation
import BursarModel
import Dispatch
import Reports
import ServerSettings
import Spend
import Storage
import Synchronization

struct ImportSpend: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Count the calls in files of Bedrock's invocation log.",
        discussion: #"""
            Reads JSON lines as S3 and CloudWatch Logs keep them, compressed or not; folders
            as `aws s3 sync` leaves them; and what `aws logs filter-log-events` prints.
            Bodies of calls (…/data/) are never read.

            Each call counts once, however often and from wherever it is brought in, so a
            file or a month may be imported again. Calls are attributed by the name of
            their session, which Bursar gave it; all else has rows of its own. Lines that
            can't be counted go to quarantine: `admin spend quarantine` shows where they
            stand.

            The roles whose sessions are researchers' are the server's settings, unless
            --role names others.

            Examples:
              aws s3 sync s3://LOGS/AWSLogs/123456789012/BedrockModelInvocationLogs calls
              admin spend import calls
              admin spend import november.jsonl.gz --format json
              aws logs filter-log-events --log-group-name bedrock-calls |
                admin spend import - --role arn:aws:iam::123456789012:role/bursar-bedrock
            """#
    )

    @OptionGroup var shared: SharedOptions
    @Argument(
        help: ArgumentHelp("A log, a folder of them, or - for standard input.", valueName: "file"),
        completion: .file(),
        transform: PathOption.read
    )
    var files: [String]
    @Option(help: ArgumentHelp("A role that is assumed for researchers; several times for several.", valueName: "arn"))
    var role: [String] = []
    @Option(help: "table or json.")
    var format = KeyValueFormat.table

    func run() throws {
        try shared.run { context in
            let roles = try VendedRoles.find(role, context)
            let months = try SpendSettings(context.reader).keptMonths
            let files = try InvocationLogFiles(files)
            let store = try context.store()
            let ingest = SpendIngest(store.database, roles: roles, months: months) { [now = context.now] in now }
            let faults = FaultyFiles()
            let tally = try read(files, into: ingest, faults, context.terminal)
            guard tally.records > 0 || faults.count == 0 else { throw ExitCode.failure }
            try ingest.record(tally, of: "\(files.paths.count) files", by: context.act)
            try context.terminal.print(SpendTallySheet(tally), as: format)
            report(tally, files, context.terminal)
            guard faults.count == 0 else { throw ExitCode.failure }
        }
    }

    /// Reads all files; those that can't be read to their end are reported, and the others read all the same.
    private func read(
        _ files: InvocationLogFiles,
        into ingest: SpendIngest,
        _ faults: FaultyFiles,
        _ terminal: Terminal
    ) throws -> SpendTally {
        let (writer, progress) = (BatchWriter(ingest), Progress("read"))
        defer { progress.end() }
        var (batch, lines, bytes) = (SpendBatch(), Int64(0), Int64(0))
        for path in files.paths {
            let (file, before) = (InvocationLogFile(path), lines)
            do {
                try file.read(
                    progress: { bytes += Int64($0) },
                    take: { line, content, number in
                        batch.add(line, content, at: "\(file.name), line \(number)")
                        lines += 1
                        guard batch.isFull else { return }
                        try writer.add(batch)
                        batch = SpendBatch()
                        progress.report(lines: lines, part: bytes, of: files.size)
                    }
                )
            } catch let error as InvocationLogFile.FormatError {
                progress.end()
                faults.report(error, file.name, lines - before, terminal)
            } catch let error as UserFacingError {
                progress.end()
                faults.report(error, lines - before, terminal)
            }
        }
        try writer.add(batch)
        return try writer.finish()
    }

    private func report(_ tally: SpendTally, _ files: InvocationLogFiles, _ terminal: Terminal) {
        if files.bodies > 0 {
            terminal.note(
                "\(GroupedNumber.text(files.bodies, "file", "files")) of calls' bodies in data/ were not read"
            )
        }
        if files.others > 0 {
            terminal.note("\(GroupedNumber.text(files.others, "other file was", "other files were")) passed over")
        }
        tally.warn(on: terminal)
    }
}

extension SpendTally {
    /// Warns of records that were brought in and not counted.
    func warn(on terminal: Terminal) {
        if quarantined > 0 {
            let count = GroupedNumber.text(Int(quarantined), "line", "lines")
            terminal.warn(
                UserFacingError(
                    "\(count) can't be counted, and \(quarantined == 1 ? "is" : "are") in quarantine",
                    hint: "admin spend quarantine shows where they stand, and why"
                )
            )
        }
        if tooOld > 0 {
            terminal.warn(
                UserFacingError(
                    "\(GroupedNumber.text(Int(tooOld), "record", "records")) from before the time that calls are "
                        + "kept for were left out",
                    hint: "\(Setting.spendKeep.environmentName) says for how many months; what was pruned stays pruned"
                )
            )
        }
    }
}

/// The roles whose sessions are researchers'.
enum VendedRoles {
    /// Returns the roles with the ARNs `typed`, which come in place of those of the settings.
    ///
    /// - Throws: ``UserFacingError`` if there is none.
    static func find(_ typed: [String], _ context: AdminContext) throws(UserFacingError) -> Set<VendedRole> {
        let form = "arn:aws:iam::123456789012:role/NAME"
        guard typed.isEmpty else {
            return try roles(typed) { arn in
                .misuse("--role \"\(ControlText.brief(arn))\" is not the ARN of a role", hint: "write it as \(form)")
            }
        }
        let known = try LocalServerSettings(context).roles
        guard !known.isEmpty else {
            throw UserFacingError(
                "no role is known whose sessions are researchers'",
                hint: "--role \(form), or the server's settings: \(Setting.roleARN.environmentName)"
            )
        }
        return try roles(known) { arn in UserFacingError("\"\(arn)\" in the settings is not the ARN of a role") }
    }

    private static func roles(
        _ arns: [String],
        _ problem: (String) -> UserFacingError
    ) throws(UserFacingError) -> Set<VendedRole> {
        var roles: Set<VendedRole> = []
        for arn in arns {
            guard let role = VendedRole(arn: arn) else { throw problem(arn) }
            roles.insert(role)
        }
        return roles
    }
}

/// Writes batches while the next one is read: parsing and inserting take about as long.
private final class BatchWriter: Sendable {
    private struct State {
        var tally = SpendTally()
        var error: (any Error)?
    }

    private let ingest: SpendIngest
    private let queue = DispatchQueue(label: "spend import")
    /// A batch that is written, and one that waits: no more are held.
    private let room = DispatchSemaphore(value: 2)
    private let state = Mutex(State())

    init(_ ingest: SpendIngest) {
        self.ingest = ingest
    }

    /// - Throws: the error of an earlier batch.
    func add(_ batch: SpendBatch) throws {
        try check()
        room.wait()
        queue.async { [self] in
            defer { room.signal() }
            guard state.withLock({ $0.error == nil }) else { return }
            do {
                let tally = try ingest.add(batch)
                state.withLock { $0.tally += tally }
            } catch {
                state.withLock { $0.error = error }
            }
        }
    }

    /// Waits for all batches.
    func finish() throws -> SpendTally {
        queue.sync {}
        try check()
        return state.withLock(\.tally)
    }

    private func check() throws {
        if let error = state.withLock({ $0.error }) { throw error }
    }
}

/// Reports files that couldn't be read to their end.
private final class FaultyFiles {
    private(set) var count = 0

    func report(_ error: InvocationLogFile.FormatError, _ name: String, _ lines: Int64, _ terminal: Terminal) {
        let forms = "JSON lines of an invocation log, or what `aws logs filter-log-events` prints"
        let problem =
            switch error {
            case .notLog: UserFacingError("\(name) is no invocation log; nothing of it was counted", hint: forms)
            case .cutOff: UserFacingError("\(name) is cut off", hint: "fetch it again")
            }
        report(problem, error == .notLog ? 0 : lines, terminal)
    }

    func report(_ error: UserFacingError, _ lines: Int64, _ terminal: Terminal) {
        count += 1
        guard lines > 0 else { return terminal.fail(error) }
        let hint = "fetch it again and import it: nothing counts twice"
        let before = GroupedNumber.text(Int(lines), "line before stays", "lines before stay")
        terminal.fail(UserFacingError("\(error.problem); \(before) counted", hint: hint))
    }
}

/// The counts of an import.
struct SpendTallySheet: DetailSheet {
    private let tally: SpendTally

    init(_ tally: SpendTally) {
        self.tally = tally
    }

    func encode(to encoder: any Encoder) throws {
        try tally.encode(to: encoder)
    }

    var details: KeyValueTable {
        KeyValueTable(
            [
                ("records", tally.records), ("calls", tally.calls), ("duplicates", tally.duplicates),
                ("ignored", tally.ignored), ("quarantined", tally.quarantined), ("too old", tally.tooOld),
            ].map { ($0, GroupedNumber.text(Int($1))) }
        )
    }
}

struct ListQuarantine: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quarantine",
        abstract: "The lines of logs that can't be counted: where they stand, and why.",
        discussion: """
            A line is kept as its hash alone, and counts once however often it is met. What
            it cost, if it is a call, is in no report.

            Examples:
              admin spend quarantine
              admin spend quarantine --format json
            """
    )

    /// The newest lines that are shown.
    private static let limit = 1000

    @OptionGroup var shared: SharedOptions
    @Option(help: "table, json or csv.")
    var format = ListFormat.table

    func run() throws {
        try shared.run { context in
            let spend = try context.store().spend
            let (lines, count) = (try spend.quarantine(limit: Self.limit), try spend.state().quarantined)
            try RowOutput(rows: lines.map(QuarantineRow.init), whenEmpty: "no line is in quarantine")
                .print(as: format, on: context.terminal)
            if count > lines.count { context.terminal.note("the newest \(lines.count) of \(count)") }
        }
    }
}

private struct QuarantineRow: TableRow {
    static let columns: [Table.Column] = [
        .init("seen"), .init("reason", isElastic: true), .init("place", isElastic: true), .init("hash", isMinor: true),
    ]

    let seen: String
    let reason: String
    let place: String
    /// SHA-256 of the line's bytes.
    let hash: String

    init(_ line: QuarantinedLine) {
        seen = Timestamp.string(line.seen)
        reason = line.reason
        place = line.place
        hash = line.hash.map { byte in String(byte >> 4, radix: 16) + String(byte & 15, radix: 16) }.joined()
    }

    var cells: [String] { [seen, reason, place, hash] }
}
