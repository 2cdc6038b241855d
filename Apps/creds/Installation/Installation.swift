import BursarConsole
import BursarFiles
import BursarFoundation
import BursarHTTP
import BursarModel
import INIParser
import SystemPackage

/// Installs one profile: its section of `~/.aws/config` and its own file.
struct Installation {
    let name: ProfileName
    let region: String?
    /// A section of that name that creds did not write may be replaced.
    let replaces: Bool
    /// An older helper's entry in `~/.aws/credentials` may be removed.
    var takesOver: Bool
    let store: ProfileStore
    let awsConfig: FilePath
    let awsCredentials: FilePath
    /// The path of this program.
    let executable: String
    /// The folder for sessions.
    let cacheFolder: FilePath

    /// The validated changes, before anything is written.
    struct Plan {
        /// The installed profile of that name.
        let installed: StoredProfile?
        /// The current `~/.aws/config`; nil if it does not exist.
        let before: [UInt8]?
        let edit: ConfigEdit
        /// The removal from `~/.aws/credentials`, if one is needed.
        let takeOver: LegacyHelperMigration?
        /// A region in `~/.aws/credentials` that takes precedence over the profile's.
        let rivalRegion: ConflictingRegion?

        var changesConfig: Bool { edit.content != before }
    }

    /// - Throws: ``UserFacingError`` with a hint when the files don't allow the install.
    func plan() throws -> Plan {
        let credentials = try AWSFile.document(awsCredentials)
        let takeOver = try credentials.flatMap { try self.takeOver(of: $0) }
        let installed = try store.load(name)
        if let file = installed?.config?.file, file != awsConfig.string {
            throw UserFacingError(
                "profile \(name) is installed in another file, \(file)",
                hint: "run creds uninstall --profile \(name) first"
            )
        }
        let before = try AWSFile.document(awsConfig)?.bytes
        do {
            let edit = try ConfigEdit.install(
                try entry(region: region ?? installed?.region),
                in: before ?? [],
                record: installed?.config?.record,
                replaces: replaces
            )
            let region = INIDocument(edit.content).sections(of: name).last?["region"]?.text
            let left = takeOver.map { INIDocument($0.after) } ?? credentials
            return Plan(
                installed: installed,
                before: before,
                edit: edit,
                takeOver: takeOver,
                rivalRegion: left.flatMap { ConflictingRegion(over: region, of: name, in: $0) }
            )
        } catch let refusal as ConfigEdit.EditError {
            throw problem(refusal)
        }
    }

    /// The removal from `~/.aws/credentials` of an entry that would silently take precedence over `~/.aws/config`.
    ///
    /// - Throws: ``UserFacingError`` when the entry must not be removed.
    private func takeOver(of document: INIDocument) throws(UserFacingError) -> LegacyHelperMigration? {
        guard let rival = ConflictingEntry(over: name, in: document) else { return nil }
        guard rival.kind == .helper else { throw wouldWin(rival) }
        guard takesOver, awsCredentials != awsConfig else { throw wouldWin(rival) }
        let takeOver = LegacyHelperMigration(rival, of: document, file: awsCredentials)
        // Without its own options, the section gets those of [DEFAULT].
        if let rest = ConflictingEntry(over: name, in: INIDocument(takeOver.after)) { throw wouldWin(rest) }
        return takeOver
    }

    /// Writes the profile first, so that `~/.aws/config` never names one that doesn't exist.
    ///
    /// An older helper's entry is removed last, so that a working profile exists at any time. The changes are undone
    /// when a file can't be written.
    ///
    /// `newFolders` are those of ``missingFolders()`` before anything was created.
    ///
    /// - Returns: the profile as it is stored now.
    func apply(
        _ plan: Plan,
        server: ServerURL,
        key: KeySource,
        newFolders: [FilePath]
    ) throws -> StoredProfile {
        var generator = SystemRandomNumberGenerator()
        let installed = plan.installed
        let isSame = installed?.server == server && installed?.key == key
        let profile = StoredProfile(
            server: server,
            key: key,
            region: region ?? installed?.region,
            cacheID: isSame ? installed?.cacheID ?? CacheID(using: &generator) : CacheID(using: &generator),
            config: ConfigInstallation(
                file: awsConfig.string,
                record: plan.edit.record,
                madeFile: installed?.config?.madeFile ?? (plan.before == nil),
                before: installed?.config == nil ? Fingerprint(plan.before ?? []) : installed?.config?.before
            ),
            taken: plan.takeOver?.entry ?? installed?.taken,
            folders: folders(besides: installed?.folders ?? [], newFolders)
        )
        do {
            if profile != installed { try store.save(profile, as: name) }
            if plan.changesConfig { try writeConfig(plan) }
            try plan.takeOver?.apply()
        } catch {
            // The error that stopped the install is the one to report, whether or not the undo succeeds.
            try? plan.takeOver?.undo()
            try? undoConfig(plan)
            try? undoSave(installed)
            throw error
        }
        return profile
    }

    /// The folders that the install or the first session creates, as far as they don't exist yet; the deepest first.
    func missingFolders() -> [FilePath] {
        [store.folder, cacheFolder, awsConfig.removingLastComponent()].flatMap { PrivateFolder.missing($0) }
    }

    private func folders(besides known: [String], _ new: [FilePath]) -> [String]? {
        let all = new.map(\.string).filter { !known.contains($0) } + known
        return all.isEmpty ? nil : all
    }

    private func undoSave(_ installed: StoredProfile?) throws {
        guard let installed else { return try store.remove(name) }
        try store.save(installed, as: name)
    }

    private func writeConfig(_ plan: Plan) throws {
        guard let before = plan.before else {
            try PrivateFolder.create(awsConfig.removingLastComponent())
            return try AtomicFile.replace(awsConfig, with: plan.edit.content)
        }
        try AWSConfigBackup.keeping(before, of: awsConfig) { () throws(FileError) in
            try AtomicFile.replace(awsConfig, with: plan.edit.content)
        }
    }

    /// Restores the file, through a link if it is one, as it was written.
    private func undoConfig(_ plan: Plan) throws {
        guard plan.changesConfig,
            try FileContent.readIfPresent(awsConfig, limit: plan.edit.content.count) == plan.edit.content
        else { return }
        guard let before = plan.before else { return try AtomicFile.remove(awsConfig) }
        try AtomicFile.replace(awsConfig, with: before)
    }

    private func entry(region: String?) throws(UserFacingError) -> ProfileEntry {
        guard let program = ShellWord.inCredentialProcess(executable) else {
            throw UserFacingError(
                "\(executable): no SDK can run a program with such a path",
                hint: "move creds to a path without control characters, \" #\" and \" ;\""
            )
        }
        return ProfileEntry(name: name, command: "\(program) process --profile \(name)", region: region)
    }
}

/// Errors for files that don't allow an install, with hints.
extension Installation {
    func wouldWin(_ rival: ConflictingEntry) -> UserFacingError {
        switch rival.kind {
        case .keys:
            UserFacingError(
                "the keys under [\(name)] in \(awsCredentials) would win over this profile",
                hint: "delete [\(name)] and the lines under it from that file, or install under another --profile"
            )
        case .helper:
            UserFacingError(
                "an older helper's entry [\(name)] in \(awsCredentials) would win over this one",
                hint:
                    "add --take-over to take it out (creds uninstall puts it back), or install under another --profile"
            )
        case .defaults(let defaults):
            UserFacingError(
                "\(defaults.description) in \(awsCredentials), line \(defaults.line), would win over this profile: "
                    + "that file has a section [\(name)], and [DEFAULT] holds for every section",
                hint: "delete [\(name)] from that file, or write [default] for [DEFAULT] if that is what is meant"
            )
        }
    }

    func warning(of rival: ConflictingRegion) -> UserFacingError {
        UserFacingError(
            "the region \(rival.region) under \(rival.section) in \(awsCredentials), line \(rival.line), "
                + "wins over this profile's",
            hint: "delete that line, or run this again with --region \(rival.region)"
        )
    }

    func problem(_ refusal: ConfigEdit.EditError) -> UserFacingError {
        switch refusal {
        case .otherContents:
            UserFacingError(
                "\(awsConfig) has a section \(name.configHeader) already, with other contents",
                hint: "add --replace to replace it (a backup is kept), or install under another --profile"
            )
        case .duplicateSection:
            UserFacingError(
                "\(awsConfig) has more than one section \(name.configHeader)",
                hint: "join them by hand: the AWS CLI refuses such a file"
            )
        case .defaultsWin(let defaults):
            UserFacingError(
                "\(defaults.description) in \(awsConfig), line \(defaults.line), would win over this profile: "
                    + "boto3 and the AWS CLI read [DEFAULT] into every profile",
                hint: "write [default] for [DEFAULT] if the default profile is meant, "
                    + "or move those lines to the profiles that need them"
            )
        }
    }
}

/// The backup of a file's content before the last change, beside it.
enum AWSConfigBackup {
    static func path(of file: FilePath) -> FilePath {
        FilePath(file.string + ".before-creds")
    }

    /// Writes the backup, then makes the change; a new backup is removed again if the change fails.
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

    /// On file systems without private files, the backup is as accessible as its original.
    private static func write(_ content: [UInt8], to backup: FilePath) throws(FileError) {
        do {
            try PrivateFile.write(content, to: backup)
        } catch  where error.reason == .modesNotKept || error.reason == .ownersNotKept {
            try AtomicFile.replace(backup, with: content)
        }
    }
}

/// Temporary files that killed runs left beside the files of an install.
enum AbandonedCopies {
    /// Removes them from the folders of `files`, with links followed, and from the profiles' folder.
    static func remove(besides files: [FilePath], _ store: ProfileStore, at date: Date) {
        store.removeAbandoned(at: date)
        let folders = files.map { (try? AtomicFile.target(of: $0)) ?? $0 } + files
        for folder in Set(folders.map { $0.removingLastComponent() }) {
            AbandonedFiles.remove(from: folder, at: date)
        }
    }
}
