import BursarConsole
import BursarFiles
import Storage
import SystemPackage

/// Where a report is written: a file of mode `0600`, and never the database.
enum OutputFile {
    /// - Throws: ``UserFacingError`` when there is a file already that isn't to be replaced.
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
    /// Before anything is written to a file that somebody named.
    ///
    /// - Throws: ``UserFacingError`` when it is the database or a file of the database's.
    func checkOutput(_ path: FilePath) throws(UserFacingError) {
        guard DatabaseFiles(of: databasePath).contain(path) else { return }
        throw UserFacingError("\(path) is the database, or a file that belongs to it", hint: "name a new one")
    }
}
