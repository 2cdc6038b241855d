import BursarConsole
import BursarFiles
import BursarFoundation
import BursarHTTP
import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Checks that the profile is installed and its file can be read.
struct ProfileCheck: DoctorCheck {
    func findings(_ subject: DoctorContext) -> [DoctorFinding] {
        switch subject.stored {
        case .profile(let profile): [.ok(.profile, "\(subject.name), for \(profile.server)")]
        case .absent: [absent(subject)]
        case .unreadable(let error): [unreadable(error, subject)]
        }
    }

    private func absent(_ subject: DoctorContext) -> DoctorFinding {
        if subject.context.nonEmpty("XDG_CONFIG_HOME") != nil, isUnderHome(subject) {
            return .problem(
                .profile,
                "\(subject.name) is installed in ~/.config, but XDG_CONFIG_HOME leads elsewhere",
                fix: "unset XDG_CONFIG_HOME"
            )
        }
        let others = ((try? subject.context.profiles())?.names() ?? []).filter { $0 != subject.name }.map(\.description)
        guard let other = others.first else {
            return .problem(.profile, "\(subject.name) is not installed", fix: subject.install())
        }
        return .problem(
            .profile,
            "\(subject.name) is not installed; there is \(others.prefix(5).joined(separator: ", "))",
            fix: "creds doctor --profile \(other)"
        )
    }

    private func unreadable(_ error: any Error, _ subject: DoctorContext) -> DoctorFinding {
        let problem = CredsErrorMessages(profile: subject.name).problem(error)
        let fix =
            switch error {
            case let fault as FileError: FilesCheck.fix(fault)
            case let unreadable as ProfileStore.Unreadable:
                "mv \(ShellWord.quoted(unreadable.path.string)) \(ShellWord.quoted(unreadable.path.string + ".damaged"))"
                    + " && \(subject.install())"
            default: #"eval "export HOME=~$(id -un)""#
            }
        return .problem(.profile, problem.problem, fix: fix)
    }

    private func isUnderHome(_ subject: DoctorContext) -> Bool {
        guard let home = try? subject.context.paths.home() else { return false }
        let file = home.appending(".config/bursar").appending("\(subject.name).json")
        return (try? file.stat()) != nil
    }
}

/// Checks that creds' files and folders are accessible to their owner only: modes 0600 and 0700.
struct FilesCheck: DoctorCheck {
    /// The maximum number of files checked in each folder.
    private static let most = 1000

    func findings(_ subject: DoctorContext) -> [DoctorFinding] {
        let context = subject.context
        guard let config = try? context.profiles().folder, let cache = try? context.paths.cache().appending("bursar")
        else { return [.skipped(.files, "where they are is not known without HOME")] }
        let found = [config, cache].flatMap { folder in
            let found = self.folder(folder) + files(folder, areKeys: folder == config)
            return found.isEmpty ? [] : without(found, in: folder, areKeys: folder == config)
        }
        guard found.isEmpty else { return found }
        let areThere = [config, cache].filter { (try? $0.stat()) != nil }
        guard !areThere.isEmpty else { return [.skipped(.files, "there are none yet")] }
        return [.ok(.files, "yours alone: \(areThere.map(\.string).joined(separator: ", "))")]
    }

    /// Replaces all findings by one where the file system has no private files, since no command fixes a file there.
    private func without(_ found: [DoctorFinding], in folder: FilePath, areKeys: Bool) -> [DoctorFinding] {
        guard let fault = FolderTraits.try(folder)?.fault(for: folder) else { return found }
        let fix = Self.fix(fault)
        return areKeys
            ? [.problem(.files, "\(fault.description); XDG_CONFIG_HOME can name another place", fix: fix)]
            : [
                .warning(
                    .files,
                    "\(fault.description), so no session is kept; XDG_CACHE_HOME can name another place",
                    fix: fix
                )
            ]
    }

    private func folder(_ folder: FilePath) -> [DoctorFinding] {
        guard let stat = try? folder.stat() else { return [] }
        guard stat.type == .directory else {
            return [
                .problem(
                    .files,
                    "\(folder): not a folder",
                    fix: "mv \(ShellWord.quoted(folder.string)) \(ShellWord.quoted(folder.string + ".old"))"
                )
            ]
        }
        // Most likely created by `sudo creds`: nothing in it can be read, so it would look empty.
        guard stat.userID.rawValue == geteuid() else {
            let fix = #"sudo chown -R "$(id -un)" \#(ShellWord.quoted(folder.string))"#
            let fault = FileError(folder, .foreignOwner)
            return [.problem(.files, Self.message(fault), fix: fix)]
        }
        let fix = "chmod 700 \(ShellWord.quoted(folder.string))"
        if !stat.permissions.isDisjoint(with: [.groupWrite, .otherWrite]) {
            return [.problem(.files, "\(folder): others may put files there", fix: fix)]
        }
        if !stat.permissions.isDisjoint(with: [.groupReadExecute, .otherReadExecute]) {
            return [.warning(.files, "\(folder): others may look into it", fix: fix)]
        }
        return []
    }

    /// Checks the files of a folder.
    ///
    /// A profile readable by others is not used, and a session readable by others is fetched again each time.
    private func files(_ folder: FilePath, areKeys: Bool) -> [DoctorFinding] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.string)) ?? []
        let ours = names.sorted().filter { $0.hasSuffix(".json") || $0.hasSuffix(".error") }.prefix(Self.most)
        return ours.compactMap { (name: String) -> DoctorFinding? in
            do throws(FileError) {
                _ = try PrivateFile.readIfPresent(folder.appending(name), limit: 1 << 20)
                return nil
            } catch {
                let fix = Self.fix(error)
                return areKeys
                    ? .problem(.files, Self.message(error), fix: fix)
                    : .warning(.files, Self.message(error, ", so it is not used"), fix: fix)
            }
        }
    }

    /// The fault and its consequence; for a file of another user's, also the condition of its fix.
    static func message(_ fault: FileError, _ consequence: String = "") -> String {
        let condition = isAnothers(fault) ? "; take it over only \(FileError.takeOverCondition)" : ""
        return fault.description + consequence + condition
    }

    private static func isAnothers(_ fault: FileError) -> Bool {
        switch fault.reason {
        case .foreignOwner: true
        case .unreadable, .system(.permissionDenied): fault.denial == .owner
        default: false
        }
    }

    static func fix(_ fault: FileError) -> String {
        let path = ShellWord.quoted(fault.path.string)
        if isAnothers(fault) { return #"sudo chown "$(id -un)" \#(path)"# }
        return switch fault.reason {
        case .openToOthers: "chmod 600 \(path)"
        case .unreadable, .system(.permissionDenied):
            fault.denial == .mode ? "chmod u+rw \(path)" : "namei -l \(path)"
        case .modesNotKept, .ownersNotKept: "df \(path)"
        default: "ls -ld \(path)"
        }
    }
}

extension FilePermissions {
    fileprivate static let groupReadExecute: Self = [.groupRead, .groupExecute]
    fileprivate static let otherReadExecute: Self = [.otherRead, .otherExecute]
}
