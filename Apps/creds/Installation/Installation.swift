import BursarConsole
import BursarFiles
import BursarHTTP
import BursarModel
import INIParser
import SystemPackage

/// Puts one profile in its place: what `~/.aws/config` will say, and the profile's own file.
struct Installation {
    let name: ProfileName
    let region: String?
    /// A section of that name that isn't ours may be replaced.
    let replaces: Bool
    /// An older helper's entry in `~/.aws/credentials` may be taken out.
    var takesOver: Bool
    let store: ProfileStore
    let awsConfig: FilePath
    let awsCredentials: FilePath
    /// Where this program is.
    let executable: String
    /// Where sessions will be kept.
    let cacheFolder: FilePath

    /// What will be written, worked out and found possible.
    struct Plan {
        /// The profile of that name that is installed already.
        let installed: StoredProfile?
        /// `~/.aws/config` as it is; nil when there is none.
        let before: [UInt8]?
        let edit: ConfigEdit
        /// What is taken out of `~/.aws/credentials`, if anything has to be.
        let takeOver: LegacyHelperMigration?
        /// A region there that wins over the profile's.
        let rivalRegion: ConflictingRegion?

        var changesConfig: Bool { edit.content != before }
    }

    /// - Throws: ``UserFacingError`` when the files don't allow it, with what to do.
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
        } catch let refusal as ConfigEdit.ConfigEditError {
            throw problem(refusal)
        }
    }

    /// What has to go from `~/.aws/credentials`: an entry there wins over ours in `~/.aws/config`, and nobody would see
    /// why.
    ///
    /// - Throws: ``UserFacingError`` when it may not go.
    private func takeOver(of document: INIDocument) throws(UserFacingError) -> LegacyHelperMigration? {
        guard let rival = ConflictingEntry(over: name, in: document) else { return nil }
        guard rival.kind == .helper else { throw wouldWin(rival) }
        guard takesOver, awsCredentials != awsConfig else { throw wouldWin(rival) }
        let takeOver = LegacyHelperMigration(rival, of: document, file: awsCredentials)
        // What is left of the section has what [DEFAULT] says.
        if let rest = ConflictingEntry(over: name, in: INIDocument(takeOver.after)) { throw wouldWin(rest) }
        return takeOver
    }

    /// Writes the profile first, so that `~/.aws/config` never names one that isn't there.
    ///
    /// An older helper's entry goes last, so that there is a profile that works at any time. What was done is undone
    /// when a file can't be written.
    ///
    /// `newFolders` are those of ``missingFolders()`` before anything was made.
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
            // What stopped the install is what the person has to know, whether or not this succeeds.
            try? plan.takeOver?.undo()
            try? undoConfig(plan)
            try? undoSave(installed)
            throw error
        }
        return profile
    }

    /// The folders that an install makes, or the first session, as far as they aren't there yet; the deepest first.
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

    /// Behind a link, where there is one, as it was written.
    private func undoConfig(_ plan: Plan) throws {
        guard plan.changesConfig,
            try FileContent.readIfPresent(awsConfig, limit: plan.edit.content.count) == plan.edit.content
        else { return }
        guard let before = plan.before else { return try AtomicFile.remove(awsConfig) }
        try AtomicFile.replace(awsConfig, with: before)
    }

    private func entry(region: String?) throws(UserFacingError) -> ProfileEntry {
        guard let program = ShellWord.quote(executable) else {
            throw UserFacingError(
                "\(executable): no SDK can run a program with such a path",
                hint: "move creds to a path without control characters, \" #\" and \" ;\""
            )
        }
        return ProfileEntry(name: name, command: "\(program) process --profile \(name)", region: region)
    }
}
