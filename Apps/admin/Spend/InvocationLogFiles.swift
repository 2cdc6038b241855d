import BursarConsole
import BursarFoundation
import BursarInput
import Spend
import SystemPackage

/// Files of invocation logs that an operator names, folders of them included.
struct InvocationLogFiles {
    /// Objects that S3 and CloudWatch Logs write beside the records.
    private static let tests: Set<String> = ["amazon-bedrock-logs-permission-check", "aws-logs-write-test"]
    private static let endings = [".json", ".jsonl", ".log", ".txt", ".gz"]

    private(set) var paths: [String] = []
    /// The bytes of all files; 0 if that isn't known.
    private(set) var size: Int64 = 0
    /// Bodies of calls, which are never read.
    private(set) var bodies = 0
    /// Other files in folders.
    private(set) var others = 0

    /// - Throws: ``UserFacingError`` if a folder holds no log.
    init(_ arguments: [String]) throws {
        var isKnown = true
        for argument in arguments {
            let stat = argument == "-" ? nil : try? FilePath(argument).stat()
            if stat?.type == .directory {
                try add(folder: argument)
            } else if Self.isBody(argument) {
                bodies += 1
            } else {
                paths.append(argument)
                isKnown = isKnown && stat?.type == .regular
                size += Int64(stat?.size ?? 0)
            }
        }
        if !isKnown { size = 0 }
    }

    private mutating func add(folder: String) throws {
        let names: [String]
        do {
            names = try FileManager.default.subpathsOfDirectory(atPath: folder).sorted()
        } catch {
            throw UserFacingError("\(folder) can't be read")
        }
        let count = paths.count + bodies
        for name in names {
            let path = folder + "/" + name
            guard let stat = try? FilePath(path).stat(), stat.type == .regular else { continue }
            let file = name.split(separator: "/").last ?? ""
            if name.split(separator: "/").dropLast().last == "data" {
                bodies += 1
            } else if file.hasPrefix(".") || Self.tests.contains(String(file))
                || !Self.endings.contains(where: file.hasSuffix)
            {
                others += 1
            } else {
                paths.append(path)
                size += Int64(stat.size)
            }
        }
        guard paths.count + bodies > count else {
            throw UserFacingError(
                "there is no log in \(folder)",
                hint: "files of a log's bucket, as `aws s3 sync` leaves them, end in .json.gz"
            )
        }
    }

    /// Returns true for an object that S3 keeps a call's bodies in, `…/BedrockModelInvocationLogs/…/data/….json.gz`.
    private static func isBody(_ path: String) -> Bool {
        let parts = path.split(separator: "/")
        return parts.contains("BedrockModelInvocationLogs") && parts.dropLast().last == "data"
    }
}

/// One file of an invocation log: JSON lines, compressed or not, or the events that `aws logs` prints.
struct InvocationLogFile {
    /// The reason why a file isn't taken, beside those for which it can't be read.
    enum FormatError: Error {
        case notLog
        /// A document of events that is cut off.
        case cutOff
    }

    private static let events = JSONElements.Form(lists: ["events"], longest: LogScanner.longest)
    /// Bytes by which a document and lines differ.
    private static let head = 64

    typealias Take = (_ line: LogLine, _ bytes: UnsafeRawBufferPointer, _ number: Int) throws -> Void

    /// The name for messages.
    var name: String { source.name }
    private let source: ByteSource

    init(_ argument: String) {
        source = ByteSource(argument)
    }

    /// Passes each line but blank ones to `take`, with its number from 1, and to `progress` the number of bytes of each
    /// chunk as it stands in the file.
    ///
    /// - Throws: ``UserFacingError``, ``FormatError``; the lines before the error have been passed on, unless the file
    ///   is no log at all.
    func read(progress: (Int) -> Void, take: Take) throws {
        var start: [UInt8]? = []
        var isDocument = false
        var (lines, elements, gate) = (LogReader(), JSONElements(Self.events), LogGate())
        func feed(_ bytes: UnsafeRawBufferPointer) throws {
            guard isDocument else { return try lines.append(bytes) { try gate.pass($0, $1, take) } }
            try elements.append(bytes) { element in
                try element.withUnsafeBytes { try gate.pass(LogScanner.line($0), $0, take) }
            }
        }
        func begin(_ bytes: [UInt8]) throws {
            start = nil
            isDocument = Self.isDocument(bytes)
            try bytes.withUnsafeBytes { try feed($0) }
        }
        do {
            try source.read(progress: progress) { bytes in
                guard let known = start else { return try feed(bytes) }
                start = known + bytes
                if known.count + bytes.count >= Self.head { try begin(known + bytes) }
            }
            if let known = start { try begin(known) }
            if isDocument {
                try elements.finish()
                guard elements.lists > 0 else { throw FormatError.notLog }
            } else {
                try lines.finish { try gate.pass($0, $1, take) }
            }
            try gate.finish(take)
        } catch is JSONElements.ParseError {
            throw gate.isOpen ? FormatError.cutOff : .notLog
        }
    }

    /// Returns true for what `aws logs` prints: a list, or an object that begins with its list of events or with another of
    /// its names.
    private static func isDocument(_ start: [UInt8]) -> Bool {
        let text = String(decoding: start.prefix(head), as: UTF8.self).filter { !$0.isWhitespace }
        let names = ["events", "searchedLogStreams", "nextToken", "nextForwardToken", "nextBackwardToken"]
        return text.hasPrefix("[") || names.contains { text.hasPrefix("{\"\($0)\"") }
    }
}

/// Holds back the lines that can't be counted until the file is known to be a log: another file's lines don't belong in
/// quarantine.
private struct LogGate {
    private struct Held {
        let line: LogLine
        let bytes: [UInt8]
        let number: Int
    }

    /// The most that is held.
    private static let lines = 100
    private static let bytes = 4 << 20
    /// Names by which the beginning of a record is known that is cut off or of another version.
    private static let marks = [["\"ModelInvocationLog\""], ["\"timestamp\"", "\"accountId\""]].map { names in
        names.map { Array($0.utf8) }
    }

    private(set) var isOpen = false
    private var held: [Held] = []
    private var size = 0
    private var number = 0

    mutating func pass(_ line: LogLine, _ bytes: UnsafeRawBufferPointer, _ take: InvocationLogFile.Take) throws {
        number += 1
        switch line {
        case .ignored where bytes.allSatisfy({ [0x20, 0x09, 0x0D, 0x0A].contains($0) }): return
        case .call, .ignored: if !isOpen { try open(take) }
        case .quarantined:
            guard isOpen else {
                held.append(Held(line: line, bytes: Array(bytes), number: number))
                size += bytes.count
                if held.count >= Self.lines || size >= Self.bytes { try finish(take) }
                return
            }
        }
        try take(line, bytes, number)
    }

    /// Decides by the lines that are held, if there are any.
    mutating func finish(_ take: InvocationLogFile.Take) throws {
        guard held.allSatisfy({ Self.isRecord($0.bytes) }) else { throw InvocationLogFile.FormatError.notLog }
        if !held.isEmpty { try open(take) }
    }

    private mutating func open(_ take: InvocationLogFile.Take) throws {
        isOpen = true
        for one in held { try one.bytes.withUnsafeBytes { try take(one.line, $0, one.number) } }
        held = []
    }

    private static func isRecord(_ bytes: [UInt8]) -> Bool {
        marks.contains { names in names.allSatisfy { bytes.firstRange(of: $0) != nil } }
    }
}
