import BursarFiles
import BursarFoundation
import SystemPackage

/// What killed runs left beside the files of an install.
enum AbandonedCopies {
    /// Removes them where `files` are, links followed, and where the profiles are.
    static func remove(besides files: [FilePath], _ store: ProfileStore, at date: Date) {
        store.removeAbandoned(at: date)
        let folders = files.map { (try? AtomicFile.target(of: $0)) ?? $0 } + files
        for folder in Set(folders.map { $0.removingLastComponent() }) {
            AbandonedFiles.remove(from: folder, at: date)
        }
    }
}
