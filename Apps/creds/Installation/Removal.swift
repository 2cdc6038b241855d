import BursarCore
import Console
import Files
import SystemPackage

/// Takes one profile away: its section of `~/.aws/config`, its cache and its file, in this order, so that a run that
/// is broken off can be run again.
struct Removal {
    let name: ProfileName
    let profile: StoredProfile
    let store: ProfileStore
    let cache: SessionCache

    /// What became of `~/.aws/config`.
    enum Outcome: Equatable {
        /// The file is what it was before the install.
        case restored
        /// Our section is out; the file was changed otherwise, so whether the rest is as it was can't be told.
        ///
        /// `backup` is the copy of an earlier state that is still there.
        case removed(isEmpty: Bool, backup: FilePath?)
        /// The section was edited after us: our lines are out of it, the rest stays.
        case partly
        /// There is no line of ours in the file.
        case nothingFound
    }

    func run() throws -> Outcome {
        let outcome = try restoreConfig()
        try cache.removeAll()
        try store.remove(name)
        return outcome
    }

    private func restoreConfig() throws -> Outcome {
        guard let installation = profile.config else { return .nothingFound }
        let file = FilePath(installation.file)
        guard let before = try FileContent.readIfPresent(file, limit: 1 << 20) else { return .nothingFound }
        let removal = ConfigRemoval(of: name, from: before, record: installation.record)
        let isMadeAndEmpty = removal.content.isEmpty && installation.madeFile
        if isMadeAndEmpty {
            try PrivateFile.remove(file)
        } else if removal.content != before {
            try AtomicFile.replace(file, with: removal.content)
        }
        switch removal.outcome {
        case .nothingFound: return .nothingFound
        case .partly: return .partly
        case .whole:
            let backup = AWSConfigBackup.path(of: file)
            let saved = try FileContent.readIfPresent(backup, limit: 1 << 20)
            // The backup has served once the file says the same again.
            if saved == removal.content { try PrivateFile.remove(backup) }
            if saved == removal.content || isMadeAndEmpty && saved == nil { return .restored }
            return .removed(isEmpty: removal.content.isEmpty, backup: saved == nil ? nil : backup)
        }
    }
}
