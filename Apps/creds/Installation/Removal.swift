import BursarConsole
import BursarFiles
import BursarModel
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

    /// What became of an older helper's entry in `~/.aws/credentials`.
    enum PutBack: Equatable {
        case none
        /// It is back; whether the whole file is as it was, and the copy of an earlier state that is still there.
        case done(file: String, isWhole: Bool, backup: FilePath?)
        /// Another entry stands there by now.
        case taken(file: String)
    }

    /// The older helper's entry comes first, so that there is a profile that works at any time.
    func run() throws -> (config: Outcome, putBack: PutBack) {
        let putBack = try putBackEntry()
        let outcome = try restoreConfig()
        try RemainingProfiles(of: name, store).inherit(folders: profile.folders ?? [])
        try cache.removeAll()
        try store.remove(name)
        return (outcome, putBack)
    }

    private func restoreConfig() throws -> Outcome {
        guard let installation = profile.config else { return .nothingFound }
        let file = FilePath(installation.file)
        guard let before = try AWSFile.bytes(file) else { return .nothingFound }
        let removal = ConfigRemoval(of: name, from: before, record: installation.record)
        let isMadeAndEmpty = removal.content.isEmpty && installation.madeFile
        if isMadeAndEmpty {
            try AtomicFile.remove(file)
        } else if removal.content != before {
            try AtomicFile.replace(file, with: removal.content)
        }
        let heirs = RemainingProfiles(of: name, store)
        try heirs.inherit(installation, removal)
        // A run that was broken off may have come as far as this.
        let isRestored = isMadeAndEmpty || Fingerprint(removal.content) == installation.before
        switch removal.outcome {
        case .nothingFound where !isRestored: return .nothingFound
        case .partly: return .partly
        case .whole, .nothingFound:
            let isNeeded = heirs.others.contains { $0.profile.config?.file == installation.file }
            let backup = try backup(of: file, holding: removal.content, isUseless: isRestored && !isNeeded)
            return isRestored ? .restored : .removed(isEmpty: removal.content.isEmpty, backup: backup)
        }
    }

    private func putBackEntry() throws -> PutBack {
        guard let entry = profile.taken else { return .none }
        let file = FilePath(entry.file)
        let before = try AWSFile.bytes(file) ?? []
        let content = entry.putBack(into: before, for: name)
        let isWhole = Fingerprint(content) == entry.whole
        if content != before {
            try AtomicFile.replace(file, with: content)
        } else if !isWhole {
            return .taken(file: entry.file)
        }
        let heirs = RemainingProfiles(of: name, store)
        try heirs.inherit(entry)
        let isNeeded = heirs.others.contains { $0.profile.taken?.file == entry.file }
        let backup = try backup(of: file, holding: content, isUseless: isWhole && !isNeeded)
        return .done(file: entry.file, isWhole: isWhole, backup: backup)
    }

    /// The copy that is still there; one has served once the file says the same again.
    private func backup(of file: FilePath, holding content: [UInt8], isUseless: Bool) throws -> FilePath? {
        let backup = AWSConfigBackup.path(of: file)
        guard let saved = try AWSFile.bytes(backup) else { return nil }
        guard isUseless || saved == content else { return backup }
        try PrivateFile.remove(backup)
        return nil
    }
}
