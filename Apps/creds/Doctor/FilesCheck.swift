import BursarFiles
import BursarFoundation
import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Whether the files and folders of creds are their owner's alone: 0600 and 0700.
struct FilesCheck: DoctorCheck {
    /// Files looked at in each folder.
    private static let most = 1000

    func findings(_ subject: DoctorContext) -> [Finding] {
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

    /// Where no file can be private, that is said once instead, since no command mends a file there.
    private func without(_ found: [Finding], in folder: FilePath, areKeys: Bool) -> [Finding] {
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

    private func folder(_ folder: FilePath) -> [Finding] {
        guard let stat = try? folder.stat() else { return [] }
        guard stat.type == .directory else {
            return [
                .problem(
                    .files,
                    "\(folder): not a folder",
                    fix: "mv \(Remedy.word(folder.string)) \(Remedy.word(folder.string + ".old"))"
                )
            ]
        }
        // Of `sudo creds`, most likely: then nothing in it can be read, and it would look empty.
        guard stat.userID.rawValue == geteuid() else {
            let fix = #"sudo chown -R "$(id -un)" \#(Remedy.word(folder.string))"#
            return [.problem(.files, "\(folder): belongs to another user", fix: fix)]
        }
        let fix = "chmod 700 \(Remedy.word(folder.string))"
        if !stat.permissions.isDisjoint(with: [.groupWrite, .otherWrite]) {
            return [.problem(.files, "\(folder): others may put files there", fix: fix)]
        }
        if !stat.permissions.isDisjoint(with: [.groupReadExecute, .otherReadExecute]) {
            return [.warning(.files, "\(folder): others may look into it", fix: fix)]
        }
        return []
    }

    /// A profile that others may read is not used, and a session that others may read is asked for each time anew.
    private func files(_ folder: FilePath, areKeys: Bool) -> [Finding] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.string)) ?? []
        let ours = names.sorted().filter { $0.hasSuffix(".json") || $0.hasSuffix(".error") }.prefix(Self.most)
        return ours.compactMap { (name: String) -> Finding? in
            do throws(FileError) {
                _ = try PrivateFile.readIfPresent(folder.appending(name), limit: 1 << 20)
                return nil
            } catch {
                let fix = Self.fix(error)
                return areKeys
                    ? .problem(.files, error.description, fix: fix)
                    : .warning(.files, error.description + ", so it is not used", fix: fix)
            }
        }
    }

    static func fix(_ fault: FileError) -> String {
        let path = Remedy.word(fault.path.string)
        return switch fault.reason {
        case .openToOthers: "chmod 600 \(path)"
        case .foreignOwner: #"sudo chown "$(id -un)" \#(path)"#
        case .unreadable, .system(.permissionDenied):
            switch fault.denial {
            case .mode: "chmod u+rw \(path)"
            case .owner: #"sudo chown "$(id -un)" \#(path)"#
            case .folder: "namei -l \(path)"
            }
        case .modesNotKept, .ownersNotKept: "df \(path)"
        default: "ls -ld \(path)"
        }
    }
}

extension FilePermissions {
    fileprivate static let groupReadExecute: Self = [.groupRead, .groupExecute]
    fileprivate static let otherReadExecute: Self = [.otherRead, .otherExecute]
}
