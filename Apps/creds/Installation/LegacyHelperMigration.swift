import BursarFiles
import INIParser
import SystemPackage

/// Takes an older helper's entry out of `~/.aws/credentials`, where it would win over ours; the rest stays as it is.
struct LegacyHelperMigration {
    let entry: DisplacedEntry
    /// The file as it is, and as it will be.
    let before: [UInt8]
    let after: [UInt8]
    private let file: FilePath

    init(_ rival: ConflictingEntry, of document: INIDocument, file: FilePath) {
        entry = DisplacedEntry(rival.range, of: document.bytes, file: file.string)
        before = document.bytes
        after = document.replacing(rival.range, with: [])
        self.file = file
    }

    func apply() throws(FileError) {
        try AWSConfigBackup.keeping(before, of: file) { () throws(FileError) in
            try AtomicFile.replace(file, with: after)
        }
    }

    /// Puts back what was taken out, if it was.
    func undo() throws(FileError) {
        guard try FileContent.readIfPresent(file, limit: before.count) == after else { return }
        try AtomicFile.replace(file, with: before)
    }
}
