import BursarConsole
import BursarFiles
import BursarModel
import INIParser
import SystemPackage

/// Removes one profile: its section of `~/.aws/config`, its cache and its file, in this order, so that an interrupted
/// run can be repeated.
struct Removal {
    let name: ProfileName
    let profile: StoredProfile
    let store: ProfileStore
    let cache: SessionCache

    /// The outcome for `~/.aws/config`.
    enum Outcome: Equatable {
        /// The file is identical to the one before the install.
        case restored
        /// The section is removed; the file has other changes, so it is unknown whether the rest is as before.
        ///
        /// `backup` is the remaining backup of an earlier state.
        case removed(isEmpty: Bool, backup: FilePath?)
        /// The section was edited after the install: creds' own lines are removed, the rest stays.
        case partly
        /// The file has no line of creds.
        case nothingFound
    }

    /// The outcome for an older helper's entry in `~/.aws/credentials`.
    enum PutBack: Equatable {
        case none
        /// The entry is restored; `isWhole` if the whole file is as before, `backup` if one of an earlier state
        /// remains.
        case done(file: String, isWhole: Bool, backup: FilePath?)
        /// The file has another entry of that name.
        case taken(file: String)
    }

    /// Restores the older helper's entry first, so that a working profile exists at any time.
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
        // An interrupted run may have got this far.
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

    /// The remaining backup; one is removed once the file is identical to it.
    private func backup(of file: FilePath, holding content: [UInt8], isUseless: Bool) throws -> FilePath? {
        let backup = AWSConfigBackup.path(of: file)
        guard let saved = try AWSFile.bytes(backup) else { return nil }
        guard isUseless || saved == content else { return backup }
        try PrivateFile.remove(backup)
        return nil
    }
}

/// The profiles that remain after a removal, and what they have to know about it to leave each file as it was.
///
/// Of several profiles, the earliest installed one holds the original content.
struct RemainingProfiles {
    let others: [(name: ProfileName, profile: StoredProfile)]
    private let store: ProfileStore

    /// Skips profiles that can't be read.
    init(of name: ProfileName, _ store: ProfileStore) {
        self.store = store
        others = store.names().filter { $0 != name }
            .compactMap { name in (try? store.load(name)).flatMap { $0 }.map { (name, $0) } }
    }

    /// Passes on the state of `~/.aws/config` before the first install.
    func inherit(_ installation: ConfigInstallation, _ removal: ConfigRemoval) throws {
        for (name, profile) in others {
            guard var config = profile.config, config.file == installation.file else { continue }
            config.madeFile = config.madeFile || installation.madeFile
            if let before = installation.before, let known = config.before, before.count < known.count {
                config.before = before
            }
            if let joint = removal.joint,
                removal.content.range(of: config.record.added)?.lowerBound == joint.upperBound
            {
                let lineEnd = String(decoding: removal.content[joint], as: UTF8.self)
                config.record.added = lineEnd + config.record.added
            }
            try save(profile, as: name) { $0.config = config }
        }
    }

    /// Passes on the state of `~/.aws/credentials` before the first take-over.
    func inherit(_ entry: DisplacedEntry) throws {
        for (name, profile) in others {
            guard var taken = profile.taken, taken.file == entry.file, entry.whole.count > taken.whole.count else {
                continue
            }
            taken.whole = entry.whole
            try save(profile, as: name) { $0.taken = taken }
        }
    }

    /// Passes on the folders that did not exist before.
    func inherit(folders: [String]) throws {
        for (name, profile) in others {
            let new = folders.filter { profile.folders?.contains($0) != true }
            try save(profile, as: name) { if !new.isEmpty { $0.folders = new + ($0.folders ?? []) } }
        }
    }

    private func save(
        _ profile: StoredProfile,
        as name: ProfileName,
        _ change: (inout StoredProfile) -> Void
    ) throws {
        var changed = profile
        change(&changed)
        if changed != profile { try store.save(changed, as: name) }
    }
}
