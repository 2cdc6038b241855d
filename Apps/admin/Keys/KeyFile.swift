import BursarConsole
import BursarFiles
import BursarFoundation
import SystemPackage

/// Where new keys are written: a file of mode `0600` that wasn't there before.
enum KeyFile {
    /// Before a key is made that couldn't be kept: whether the place is free, and a file there would be private.
    static func check(_ path: FilePath) throws {
        // A link that leads nowhere counts as something, too.
        if let stat = try? path.stat(followTargetSymlink: false) { throw taken(path, by: stat.type) }
        let folder = path.removingLastComponent()
        let isThere = folder.isEmpty || (try? folder.stat())?.type == .directory
        guard isThere else { throw FileError(folder, .missing) }
        if let fault = FolderTraits.try(folder)?.fault(for: path) { throw fault }
    }

    /// What a killed run left there of a key goes, too.
    static func create(_ path: FilePath, _ text: String, at now: Date) throws {
        AbandonedFiles.remove(from: path.removingLastComponent(), at: now)
        do throws(FileError) {
            try PrivateFile.create(path, text.utf8)
        } catch {
            guard error.reason == .system(.fileExists) else { throw error }
            throw taken(path, by: (try? path.stat(followTargetSymlink: false).type) ?? .regular)
        }
    }

    private static func taken(_ path: FilePath, by type: FileType) -> UserFacingError {
        switch type {
        case .regular, .directory: UserFacingError("there is a file at \(path) already", hint: "name a new one")
        default:
            UserFacingError(
                "\(path) is no file of its own",
                hint: "name a new one, or leave it out: keys are printed then"
            )
        }
    }
}
