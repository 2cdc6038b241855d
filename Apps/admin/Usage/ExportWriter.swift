import BursarConsole
import BursarFiles
import BursarFoundation
import Storage
import SystemPackage

/// Writes records as lines, to a new file or to standard output.
final class ExportWriter {
    private static let columns = [
        "sequence", "kind", "occurred", "researcher", "keyID", "address", "accessKeyID", "expires", "requestID",
        "reason", "actor", "detail", "format", "hash",
    ]

    private let format: UsageExport.Format
    private let path: FilePath?
    private let terminal: Terminal
    /// Where it is written, until it is whole.
    private let temporary: FilePath?
    /// nil for standard output.
    private let file: FileDescriptor?
    private let encoder = JSONEncoder()
    private var isEmpty = true

    /// - Throws: ``UserFacingError`` when there is a file already, `FileError` when none can be made.
    init(path: String?, format: UsageExport.Format, _ terminal: Terminal) throws {
        self.path = path.map { FilePath($0) }
        self.format = format
        self.terminal = terminal
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
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
                bytes += try encoder.encode(record)
                bytes.append(UInt8(ascii: "\n"))
            case .csv:
                bytes += (CSV.line(record.cells) + "\r\n").utf8
            }
        }
        guard let file else {
            // The last line's end is the terminal's to write.
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

    /// Removes a file that isn't whole.
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
