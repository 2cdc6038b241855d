package import SystemPackage

/// The capabilities of a folder's file system, tested by creating a file: its name shows little.
///
/// CIFS, FAT, WSL's /mnt/c and shared folders of virtual machines keep neither modes nor owners; NFS without a lock
/// daemon and Lustre without `-o flock` have no locks; many can't say when something is on the disk.
package struct FolderTraits: Equatable, Sendable {
    /// A file made with mode `0600` is shown with it.
    package let keepsModes: Bool
    /// A new file belongs to this user.
    package let keepsOwners: Bool
    /// `flock` works.
    package let hasLocks: Bool
    /// Locks on parts of a file work (`fcntl`), which SQLite takes.
    package let hasRecordLocks: Bool
    /// `fsync` of a file works.
    package let synchronizes: Bool

    /// Tries the folder, or the nearest one above that is there; nil where no file can be made.
    package static func `try`(_ folder: FilePath) -> Self? {
        var folder = folder
        while (try? folder.stat()) == nil, folder.lastComponent != nil { folder.removeLastComponent() }
        guard let (path, descriptor) = try? TemporaryFile.create(in: folder) else { return nil }
        defer {
            try? descriptor.close()
            try? SystemCalls.remove(path)
        }
        try? SystemCalls.setMode(.ownerReadWrite, of: descriptor, path: path)
        guard let stat = try? descriptor.stat() else { return nil }
        return Self(
            keepsModes: stat.permissions.isDisjoint(with: .ofOthers),
            keepsOwners: stat.userID == SystemCalls.effectiveUser,
            hasLocks: SystemCalls.lock(descriptor).map { !SystemCalls.noLocks.contains($0) } ?? true,
            hasRecordLocks: SystemCalls.hasRecordLocks(descriptor),
            synchronizes: SystemCalls.fileSync(descriptor).map { !SystemCalls.notSynchronized.contains($0) } ?? true
        )
    }

    /// The reason why no secret can be stored at `path`, which is in this folder; nil if there is none.
    package func fault(for path: FilePath) -> FileError? {
        if !keepsOwners { return FileError(path, .ownersNotKept) }
        return keepsModes ? nil : FileError(path, .modesNotKept)
    }
}
