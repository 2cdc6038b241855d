import ArgumentParser
import BursarConsole
import BursarFiles
import BursarFoundation
import BursarModel
import Reports
import Storage
import SystemPackage
import Vending

struct ExportUsage: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write out the records themselves, oldest first.",
        discussion: """
            Records are read page by page, so no vend waits and memory stays small however
            many there are. That they were exported is recorded, before they leave. Those
            of self-tests are among them. Every field of the chain is there, and its hash.

            Examples:
              admin usage export --since 2026-11-01 --output november.jsonl
              admin usage export --researcher ada --kind vend --format csv
              admin usage export | head
            """
    )

    enum Format: String, CaseIterable, ExpressibleByArgument {
        case jsonl
        case csv
    }

    @OptionGroup var shared: SharedOptions
    @Option(help: "First UTC day, YYYY-MM-DD; from the first record on unless given.")
    var since: String?
    @Option(help: "Last UTC day, YYYY-MM-DD; up to the last record unless given.")
    var until: String?
    @Option(help: "Only this researcher's, by the handle.", completion: .handles)
    var researcher: String?
    @Option(help: "Only one kind: vend, refusal, key_issued, …")
    var kind: String?
    @Option(help: "jsonl (a JSON object a line) or csv.")
    var format = Format.jsonl
    @Option(
        help: ArgumentHelp("Write to this new file, which only you may read.", valueName: "file"),
        completion: .file(),
        transform: PathOption.read
    )
    var output: String?

    func run() throws {
        try shared.run { context in
            if let output { try context.checkOutput(FilePath(output)) }
            let store = try context.store()
            let scope = try scope(in: store, at: context.now)
            let range = try store.audit.exportRange(scope)
            let writer = try ExportWriter(path: output, format: format, context.terminal)
            do {
                try store.audit.recordExport(range, scope, by: context.act)
                let count = try write(range, scope, of: store, to: writer)
                try writer.finish()
                if count == 0 {
                    context.terminal.note("no record fits")
                    try store.notePruned(since: scope.from, on: context.terminal)
                } else if output != nil || StandardStream.errors.isTerminal {
                    context.terminal.note(
                        GroupedNumber.text(count, "record", "records") + (output.map { " in \($0)" } ?? "")
                    )
                }
            } catch {
                writer.discard()
                throw error
            }
        }
    }

    private func write(
        _ range: Range<Int64>,
        _ scope: ExportScope,
        of store: Store,
        to writer: ExportWriter
    ) throws -> Int {
        let progress = Progress("exported")
        defer { progress.end() }
        var count = 0
        for start in stride(from: range.lowerBound, to: range.upperBound, by: Int(AuditTrail.exportPage)) {
            let page = start..<min(start + AuditTrail.exportPage, range.upperBound)
            guard let records = try store.audit.exportPage(page, scope) else {
                throw UserFacingError("records were pruned while they were exported", hint: "export again what is left")
            }
            try writer.write(records)
            count += records.count
            progress.report(page.upperBound - range.lowerBound, of: range.upperBound - range.lowerBound)
        }
        return count
    }

    private func scope(in store: Store, at date: Date) throws -> ExportScope {
        let first = try since.map { try UsageRange.day($0, "--since") }
        let last = try until.map { try UsageRange.day($0, "--until") }
        if let first, let last, first > last {
            throw UserFacingError.misuse("\(first) is after \(last)", hint: "--since is the earlier day")
        }
        if let kind, !AuditTrail.recordKinds.contains(kind) {
            let near = NearestName.of(kind, among: AuditTrail.recordKinds)
            throw UserFacingError.misuse(
                "--kind \"\(kind)\" is none there is",
                hint: near.map { "did you mean \($0)?" } ?? AuditTrail.recordKinds.joined(separator: ", ")
            )
        }
        return ExportScope(
            from: first?.start,
            until: last.map { UTCDay(number: $0.number + 1).start },
            researcher: try researcher.map { try store.knownResearcher($0, at: date).researcher.handle.description },
            kind: kind
        )
    }
}

/// Writes records as lines, to a new file or to standard output.
final class ExportWriter {
    private static let columns = [
        "sequence", "kind", "occurred", "researcher", "keyID", "address", "accessKeyID", "expires", "requestID",
        "reason", "actor", "detail", "format", "hash",
    ]

    private let format: ExportUsage.Format
    private let path: FilePath?
    private let terminal: Terminal
    /// The temporary file, until it is complete.
    private let temporary: FilePath?
    /// nil for standard output.
    private let file: FileDescriptor?
    private var isEmpty = true

    /// - Throws: ``UserFacingError`` when the file exists, `FileError` when none can be made.
    init(path: String?, format: ExportUsage.Format, _ terminal: Terminal) throws {
        self.path = path.map { FilePath($0) }
        self.format = format
        self.terminal = terminal
        guard let path = self.path else {
            temporary = nil
            file = nil
            return
        }
        guard (try? path.stat(followTargetSymlink: false)) == nil else { throw Self.taken(path) }
        AbandonedFiles.remove(from: path.removingLastComponent(), at: Date())
        let temporary = try PrivateFile.createUnfinished(in: path.removingLastComponent())
        self.temporary = temporary
        file = try FileDescriptor.open(temporary, .writeOnly, options: [.noFollow, .closeOnExec])
    }

    private static func taken(_ path: FilePath) -> UserFacingError {
        UserFacingError("there is a file at \(path) already", hint: "name a new one")
    }

    func write(_ records: [ExportedRecord]) throws {
        var bytes: [UInt8] = []
        if isEmpty, format == .csv { bytes += (CSV.line(Self.columns) + "\r\n").utf8 }
        isEmpty = false
        for record in records {
            switch format {
            case .jsonl:
                bytes += try StableJSON.data(record)
                bytes.append(UInt8(ascii: "\n"))
            case .csv:
                bytes += (CSV.line(record.cells) + "\r\n").utf8
            }
        }
        guard let file else {
            // The terminal writes the last line break.
            return bytes.isEmpty ? () : try terminal.print(String(decoding: bytes.dropLast(), as: UTF8.self))
        }
        do {
            try file.writeAll(bytes)
        } catch {
            throw UserFacingError("the output could not be written", hint: "is there room on the disk?")
        }
    }

    func finish() throws {
        if isEmpty { try write([]) }
        guard let path, let temporary, let file else { return }
        do throws(FileError) {
            try PrivateFile.publish(file, at: temporary, as: path)
        } catch {
            throw error.reason == .system(.fileExists) ? Self.taken(path) : error
        }
        try file.close()
    }

    /// Removes an incomplete file.
    func discard() {
        guard let temporary else { return }
        try? file?.close()
        try? PrivateFile.remove(temporary)
    }
}

extension ExportedRecord {
    fileprivate var cells: [String] {
        [
            String(sequence), kind, occurred, researcher ?? "", keyID ?? "", address ?? "", accessKeyID ?? "",
            expires ?? "", requestID ?? "", reason ?? "", actor ?? "", detail ?? "", String(format), hash,
        ]
    }
}
