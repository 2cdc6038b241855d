import Console
import Storage
import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Writes records as lines, to a new file or to standard output.
final class ExportWriter {
    private static let columns = [
        "sequence", "kind", "occurred", "researcher", "keyID", "address", "accessKeyID", "expires", "requestID",
        "reason", "actor", "detail", "format", "hash",
    ]

    private let format: UsageExport.Format
    private let path: String?
    private let terminal: Terminal
    /// nil for standard output.
    private let file: FileDescriptor?
    private let encoder = JSONEncoder()
    private var isEmpty = true

    /// - Throws: ``Problem`` when there is a file already.
    init(path: String?, format: UsageExport.Format, _ terminal: Terminal) throws(Problem) {
        self.path = path
        self.format = format
        self.terminal = terminal
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let path else {
            file = nil
            return
        }
        do {
            file = try FileDescriptor.open(
                FilePath(path),
                .writeOnly,
                options: [.create, .exclusiveCreate, .closeOnExec],
                permissions: .ownerReadWrite
            )
        } catch Errno.fileExists {
            throw Problem("there is a file at \(path) already", hint: "name a new one")
        } catch {
            throw Problem("\(path) can't be made", hint: "check the folder and its permissions")
        }
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
            throw Problem("the output could not be written", hint: "is there room on the disk?")
        }
    }

    func finish() throws {
        if isEmpty { try write([]) }
        try file?.close()
    }

    /// Removes a file that isn't whole.
    func discard() {
        guard let path else { return }
        try? file?.close()
        try? FileManager.default.removeItem(atPath: path)
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
