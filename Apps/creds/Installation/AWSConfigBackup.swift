import BursarFiles
import SystemPackage

/// The file as it was before the last change, beside it.
enum AWSConfigBackup {
    static func path(of file: FilePath) -> FilePath {
        FilePath(file.string + ".before-creds")
    }

    /// Writes the copy, then makes the change; a copy that a change leaves that failed, and that is new, goes again.
    static func keeping(
        _ content: [UInt8],
        of file: FilePath,
        _ change: () throws(FileError) -> Void
    ) throws(FileError) {
        let backup = path(of: file)
        let isNew = (try? backup.stat(followTargetSymlink: false)) == nil
        do {
            try write(content, to: backup)
            try change()
        } catch {
            if isNew { try? PrivateFile.remove(backup) }
            throw error
        }
    }

    /// Where no file can be private, the copy is as open as what it is a copy of.
    private static func write(_ content: [UInt8], to backup: FilePath) throws(FileError) {
        do {
            try PrivateFile.write(content, to: backup)
        } catch  where error.reason == .modesNotKept || error.reason == .ownersNotKept {
            try AtomicFile.replace(backup, with: content)
        }
    }
}
