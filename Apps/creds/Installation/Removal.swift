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
    func run() throws -> ConfigRemoval.Outcome {
        let outcome = try restoreConfig()
        try cache.removeAll()
        try store.remove(name)
        return outcome
    }

    private func restoreConfig() throws -> ConfigRemoval.Outcome {
        guard let installation = profile.config else { return .nothingFound }
        let file = FilePath(installation.file)
        guard let before = try FileContent.readIfPresent(file, limit: 1 << 20) else { return .nothingFound }
        let removal = ConfigRemoval(of: name, from: before, record: installation.record)
        let backup = AWSConfigBackup.path(of: file)
        if removal.content.isEmpty, installation.madeFile {
            try PrivateFile.remove(file)
        } else if removal.content != before {
            try AtomicFile.replace(file, with: removal.content)
        }
        if removal.outcome == .restored {
            try removeBackup(backup, ifItSays: removal.content)
        }
        return removal.outcome
    }

    /// The backup has served once the file says the same again.
    private func removeBackup(_ backup: FilePath, ifItSays content: [UInt8]) throws {
        guard try FileContent.readIfPresent(backup, limit: 1 << 20) == content else { return }
        try PrivateFile.remove(backup)
    }
}
