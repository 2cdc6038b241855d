import Console
import Files
import Storage
import SystemPackage

/// Where a report is written: a file of mode `0600`, and never the database.
enum OutputFile {
    /// - Throws: ``Problem`` when there is a file already that isn't to be replaced.
    static func write(_ text: String, to path: FilePath, isReplacing: Bool, on desk: Desk) throws {
        try desk.checkOutput(path)
        guard !isReplacing else { return try ReportFile.write(text, to: path) }
        do throws(FileFault) {
            try PrivateFile.create(path, text.utf8)
        } catch {
            guard error.reason == .system(.fileExists) else { throw error }
            throw Problem("there is a file at \(path) already", hint: "name a new one, or --force replaces it")
        }
    }
}

extension Desk {
    /// Before anything is written to a file that somebody named.
    ///
    /// - Throws: ``Problem`` when it is the database or a file of the database's.
    func checkOutput(_ path: FilePath) throws(Problem) {
        guard DatabaseFiles(of: databasePath).contain(path) else { return }
        throw Problem("\(path) is the database, or a file that belongs to it", hint: "name a new one")
    }
}
