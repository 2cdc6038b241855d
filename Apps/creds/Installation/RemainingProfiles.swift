import BursarFiles
import INIParser

/// The profiles that stay when one is taken away, and what they have to know of it to leave each file as it was.
///
/// Of profiles that were installed one after the other, the first to come is the one that knows what was there before.
struct RemainingProfiles {
    let others: [(name: ProfileName, profile: StoredProfile)]
    private let store: ProfileStore

    /// Profiles that can't be read inherit nothing.
    init(of name: ProfileName, _ store: ProfileStore) {
        self.store = store
        others = store.names().filter { $0 != name }
            .compactMap { name in (try? store.load(name)).flatMap { $0 }.map { (name, $0) } }
    }

    /// Hands on what is known of `~/.aws/config` before the first install.
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

    /// Hands on what is known of `~/.aws/credentials` before the first take-over.
    func inherit(_ entry: DisplacedEntry) throws {
        for (name, profile) in others {
            guard var taken = profile.taken, taken.file == entry.file, entry.whole.count > taken.whole.count else {
                continue
            }
            taken.whole = entry.whole
            try save(profile, as: name) { $0.taken = taken }
        }
    }

    /// Hands on which folders there were before.
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
