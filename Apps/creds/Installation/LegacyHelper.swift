import BursarConsole
import BursarFiles
import INIParser
import SystemPackage

/// Removes an older helper's entry from `~/.aws/credentials`, where it would take precedence; the rest stays unchanged.
struct LegacyHelperMigration {
    let entry: DisplacedEntry
    /// The content before and after the change.
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

    /// Restores the entry if it was removed.
    func undo() throws(FileError) {
        guard try FileContent.readIfPresent(file, limit: before.count) == after else { return }
        try AtomicFile.replace(file, with: before)
    }
}

/// The decision about an older helper's traces: `--take-over`, else a prompt, else they stay.
struct LegacyHelperPrompt {
    /// True if `--take-over` was given.
    let isAgreed: Bool
    private let isInteractive = StandardStream.input.isTerminal && StandardStream.errors.isTerminal

    init(isAgreed: Bool) {
        self.isAgreed = isAgreed
    }

    /// Prompts for the removal of an entry that would take precedence over the profile.
    ///
    /// - Throws: ``UserFacingError`` when the user declines.
    func agree(_ installation: inout Installation) throws {
        guard isInteractive, !installation.takesOver, try installation.isHelperInTheWay() else { return }
        try Confirmation(isGiven: false).ask(
            "an older helper's entry [\(installation.name)] in \(installation.awsCredentials) would win over this one; "
                + "take it out? (creds uninstall puts it back)"
        )
        installation.takesOver = true
    }

    /// Removes the older helper's cache, which other users can read, or reports how to.
    func clearCache(_ context: CredsContext) throws {
        guard let cache = LegacyHelperCache(home: try context.paths.home()) else { return }
        guard isAgreed || agreesToRemove(cache) else { return context.terminal.warn(cache.warning) }
        try cache.remove()
        context.terminal.note("the older helper's cache is gone: \(cache.path)")
    }

    private func agreesToRemove(_ cache: LegacyHelperCache) -> Bool {
        guard isInteractive else { return false }
        do throws(UserFacingError) {
            try Confirmation(isGiven: false).ask("an older helper left credentials in \(cache.path); remove them?")
            return true
        } catch {
            // The install has succeeded either way.
            return false
        }
    }
}

extension Installation {
    fileprivate func isHelperInTheWay() throws -> Bool {
        let bytes = try AWSFile.bytes(awsCredentials) ?? []
        return ConflictingEntry(over: name, in: INIDocument(bytes))?.kind == .helper
    }
}

/// The file in which the older Python helper keeps a session: readable by everyone, and never removed.
struct LegacyHelperCache {
    let path: FilePath

    /// Returns nil if the file does not exist.
    init?(home: FilePath) {
        path = home.appending(".aws/credentials_cache_python.json")
        guard (try? path.stat(followTargetSymlink: false).type) == .regular else { return nil }
    }

    func remove() throws(FileError) {
        try PrivateFile.remove(path)
    }

    /// The warning for a cache that stays.
    var warning: UserFacingError {
        UserFacingError(
            "an older helper left credentials in \(path)",
            hint: "if nothing uses it any longer: rm '\(path)'"
        )
    }
}
