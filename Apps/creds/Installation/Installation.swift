import BursarCore
import Console
import Files
import SystemPackage
import Transport

/// Puts one profile in its place: what `~/.aws/config` will say, and the profile's own file.
struct Installation {
    let name: ProfileName
    let region: String?
    /// A section of that name that isn't ours may be replaced.
    let replaces: Bool
    let store: ProfileStore
    let awsConfig: FilePath
    let awsCredentials: FilePath
    /// Where this program is.
    let executable: String

    /// What will be written, worked out and found possible.
    struct Plan {
        /// The profile of that name that is installed already.
        let installed: StoredProfile?
        /// `~/.aws/config` as it is; nil when there is none.
        let before: [UInt8]?
        let edit: ConfigEdit

        var changesConfig: Bool { edit.content != before }
    }

    /// - Throws: ``Problem`` when the files don't allow it, with what to do.
    func plan() throws -> Plan {
        try checkCredentialsFile()
        let installed = try store.load(name)
        if let file = installed?.config?.file, file != awsConfig.string {
            throw Problem(
                "profile \(name) is installed in another file, \(file)",
                hint: "run creds uninstall --profile \(name) first"
            )
        }
        let before = try FileContent.readIfPresent(awsConfig, limit: 1 << 20)
        if let flaw = ConfigFlaw.first(in: before ?? []) { throw flaw.problem(in: awsConfig) }
        do {
            let edit = try ConfigEdit.install(
                try entry(region: region ?? installed?.region),
                in: before ?? [],
                record: installed?.config?.record,
                replaces: replaces
            )
            return Plan(installed: installed, before: before, edit: edit)
        } catch let refusal as ConfigEdit.Refusal {
            throw problem(refusal)
        }
    }

    /// Writes the profile first, so that `~/.aws/config` never names one that isn't there; it is taken back when that
    /// file can't be written.
    ///
    /// - Returns: the profile as it is stored now.
    func apply(_ plan: Plan, server: ServerURL, key: KeySource) throws -> StoredProfile {
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
                madeFile: installed?.config?.madeFile ?? (plan.before == nil)
            )
        )
        if profile != installed { try store.save(profile, as: name) }
        guard plan.changesConfig else { return profile }
        do {
            try writeConfig(plan)
        } catch {
            // What stopped the install is what the person has to know, whether or not this succeeds.
            try? undoSave(installed)
            throw error
        }
        return profile
    }

    private func undoSave(_ installed: StoredProfile?) throws {
        guard let installed else { return try store.remove(name) }
        try store.save(installed, as: name)
    }

    private func writeConfig(_ plan: Plan) throws {
        if let before = plan.before { try PrivateFile.write(before, to: AWSConfigBackup.path(of: awsConfig)) }
        try PrivateFolder.create(awsConfig.removingLastComponent())
        try AtomicFile.replace(awsConfig, with: plan.edit.content)
    }

    private func entry(region: String?) throws(Problem) -> ProfileEntry {
        guard let program = ShellWord.quote(executable) else {
            throw Problem(
                "\(executable): no SDK can run a program with such a path",
                hint: "move creds to a path without control characters, \" #\" and \" ;\""
            )
        }
        return ProfileEntry(name: name, command: "\(program) process --profile \(name)", region: region)
    }

    /// An entry there wins over ours in `~/.aws/config`, and nobody would see why.
    private func checkCredentialsFile() throws {
        let bytes = try FileContent.readIfPresent(awsCredentials, limit: 1 << 20) ?? []
        let section = INIDocument(bytes).sections.first { section in
            section.header == name.description && !CredentialSource.options.isDisjoint(with: section.options.keys)
        }
        guard let section else { return }
        let isOldHelper = section.options["credential_process"] != nil
        throw Problem(
            isOldHelper
                ? "an older helper's entry [\(name)] in \(awsCredentials) would win over this one"
                : "the keys under [\(name)] in \(awsCredentials) would win over this profile",
            hint: "delete [\(name)] and the lines under it from that file, or install under another --profile"
        )
    }

    private func problem(_ refusal: ConfigEdit.Refusal) -> Problem {
        switch refusal {
        case .otherContents:
            Problem(
                "\(awsConfig) has a section \(name.configHeader) already, with other contents",
                hint: "add --replace to replace it (a backup is kept), or install under another --profile"
            )
        case .duplicateSection:
            Problem(
                "\(awsConfig) has more than one section \(name.configHeader)",
                hint: "join them by hand: the AWS CLI refuses such a file"
            )
        }
    }
}
