import ArgumentParser
import BursarConsole
import BursarFiles
import SQLiteStore
import Storage
import SystemPackage

/// Writes a report to a file of mode `0600`, never over the database.
enum OutputFile {
    /// - Throws: ``UserFacingError`` when the file exists and isn't to be replaced.
    static func write(_ text: String, to path: FilePath, isReplacing: Bool, on context: AdminContext) throws {
        try context.checkOutput(path)
        guard !isReplacing else { return try ReportFile.write(text, to: path) }
        do throws(FileError) {
            try PrivateFile.create(path, text.utf8)
        } catch {
            guard error.reason == .system(.fileExists) else { throw error }
            throw UserFacingError("there is a file at \(path) already", hint: "name a new one, or --force replaces it")
        }
    }
}

extension AdminContext {
    /// Checks an output path before it is written.
    ///
    /// - Throws: ``UserFacingError`` when it is the database or one of the database's files.
    func checkOutput(_ path: FilePath) throws(UserFacingError) {
        guard DatabaseFiles(of: databasePath).contain(path) else { return }
        throw UserFacingError("\(path) is the database, or a file that belongs to it", hint: "name a new one")
    }
}

/// A report's file, of mode `0600`, new or replacing an older one.
enum ReportFile {
    /// The header of an SQLite file.
    ///
    /// https://www.sqlite.org/fileformat.html
    private static let database = Array("SQLite format 3\0".utf8)

    /// - Throws: ``UserFacingError`` or `FileError` when the path is a link, a device or a database.
    static func write(_ text: String, to path: FilePath) throws {
        if let stat = try? path.stat(followTargetSymlink: false) {
            guard stat.type == .regular else { throw FileError(path, .notAFile) }
            guard try !isDatabase(path) else {
                throw UserFacingError("\(path) is a database, and no report takes its place", hint: "name another file")
            }
        }
        try PrivateFile.write(Array(text.utf8), to: path)
    }

    private static func isDatabase(_ path: FilePath) throws -> Bool {
        let file: FileDescriptor
        do {
            file = try FileDescriptor.open(path, .readOnly, options: [.noFollow, .closeOnExec])
        } catch {
            throw UserFacingError("\(path) can't be read, and may be no report", hint: "name another file")
        }
        defer { try? file.close() }
        var start = [UInt8](repeating: 0, count: database.count)
        let count = try start.withUnsafeMutableBytes { try file.read(into: $0) }
        return count == database.count && start == database
    }
}

/// The destination of a report: standard output, or a file.
struct ReportDestination: ParsableArguments {
    @Option(
        help: ArgumentHelp("Write it to this new file, which only you may read.", valueName: "file"),
        completion: .file(),
        transform: PathOption.read
    )
    var output: String?
    @Flag(help: "Replace the file of --output when there is one.")
    var force = false

    var isStandardOutput: Bool { output == nil }

    /// Refuses a file that couldn't be written, before the report is made.
    func check(_ context: AdminContext) throws {
        if let output { try context.checkOutput(FilePath(output)) }
    }

    func deliver(_ text: String, on context: AdminContext) throws {
        guard let output else { return try context.terminal.print(text) }
        try OutputFile.write(text + "\n", to: FilePath(output), isReplacing: force, on: context)
        context.terminal.note("wrote \(output)")
    }
}
