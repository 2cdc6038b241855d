package import SystemPackage

/// Files that only their owner may read: keys, sessions, caches.
package enum PrivateFile {
    /// The bytes of a file that holds a secret.
    ///
    /// Refused unless it is an ordinary file of this user with no permission for anyone else (`0600` or less). A
    /// symbolic link is followed; what counts is the file behind it.
    package static func read(_ path: FilePath, limit: Int) throws(FileError) -> [UInt8] {
        do {
            return try FileContent.read(path, limit: limit) { (stat) throws(FileError) in
                guard stat.userID == SystemCalls.effectiveUser else { throw FileError(path, .foreignOwner) }
                guard stat.permissions.isDisjoint(with: .ofOthers) else { throw FileError(path, .openToOthers) }
            }
        } catch  where error.reason == .openToOthers || error.reason == .foreignOwner {
            // Where no file can be private, advice to change this one would lead nowhere.
            let folder = FolderTraits.try(path.removingLastComponent())
            switch error.reason {
            case .openToOthers where folder?.keepsModes == false: throw FileError(path, .modesNotKept)
            case .foreignOwner where folder?.keepsOwners == false: throw FileError(path, .ownersNotKept)
            default: throw error
            }
        }
    }

    /// The bytes of a file that holds a secret, or nil when there is none at `path`.
    package static func readIfPresent(_ path: FilePath, limit: Int) throws(FileError) -> [UInt8]? {
        do {
            return try read(path, limit: limit)
        } catch  where error.reason == .missing {
            return nil
        }
    }

    /// Replaces `path` as a whole with a file of mode `0600`: a reader sees the old content or the new, never a part.
    ///
    /// A symbolic link at `path` is replaced, not followed. The bytes are on the disk when this returns, where the file
    /// system can say so.
    ///
    /// - Throws: a fault whose reason is ``FileError/Reason/modesNotKept`` or ``FileError/Reason/ownersNotKept`` where no
    ///   file can be private; nothing was written then.
    package static func write(_ content: some Sequence<UInt8>, to path: FilePath) throws(FileError) {
        try TemporaryFile.put(Array(content), at: path, .replaced, adopt: nil)
    }

    /// Makes such a file where there is none, not even a link; it is there as a whole or not at all.
    ///
    /// - Throws: a fault whose reason is `.system(.fileExists)` when something stands there, else as ``write(_:to:)``.
    package static func create(_ path: FilePath, _ content: some Sequence<UInt8>) throws(FileError) {
        try TemporaryFile.put(Array(content), at: path, .new, adopt: nil)
    }

    /// Removes the file; one that is gone already is no error.
    package static func remove(_ path: FilePath) throws(FileError) {
        try SystemCalls.remove(path)
    }

    /// Makes an empty file to be filled elsewhere, whose name says that this process is at work on it.
    package static func createUnfinished(in folder: FilePath) throws(FileError) -> FilePath {
        let (path, descriptor) = try TemporaryFile.create(in: folder)
        defer { try? descriptor.close() }
        do {
            try TemporaryFile.makePrivate(descriptor, path: path)
        } catch {
            try? SystemCalls.remove(path)
            throw error
        }
        return path
    }

    /// Gives a finished file a name that nothing has, for good: bytes and name are on the disk when this returns.
    ///
    /// - Throws: a fault whose reason is `.system(.fileExists)` when something has it, by now perhaps another run's.
    package static func publish(
        _ descriptor: FileDescriptor,
        at temporary: FilePath,
        as path: FilePath
    ) throws(FileError) {
        try SystemCalls.synchronize(descriptor, path: temporary)
        try TemporaryFile.name(temporary, path, .new)
    }
}
