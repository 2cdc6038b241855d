package import SystemPackage

/// Files that only their owner may read: keys, sessions, caches.
package enum PrivateFile {
    /// The bytes of a file that holds a secret.
    ///
    /// Refused unless it is an ordinary file of this user with no permission for anyone else (`0600` or less). A
    /// symbolic link is followed; what counts is the file behind it.
    package static func read(_ path: FilePath, limit: Int) throws(FileFault) -> [UInt8] {
        try FileContent.read(path, limit: limit) { (stat) throws(FileFault) in
            guard stat.userID == SystemCalls.effectiveUser else { throw FileFault(path, .foreignOwner) }
            let others: FilePermissions = [.groupReadWriteExecute, .otherReadWriteExecute]
            guard stat.permissions.isDisjoint(with: others) else { throw FileFault(path, .openToOthers) }
        }
    }

    /// The bytes of a file that holds a secret, or nil when there is none at `path`.
    package static func readIfPresent(_ path: FilePath, limit: Int) throws(FileFault) -> [UInt8]? {
        do {
            return try read(path, limit: limit)
        } catch  where error.reason == .missing {
            return nil
        }
    }

    /// Replaces `path` as a whole with a file of mode `0600`: a reader sees the old content or the new, never a part.
    ///
    /// A symbolic link at `path` is replaced, not followed. The bytes are on the disk when this returns.
    package static func write(_ content: some Sequence<UInt8>, to path: FilePath) throws(FileFault) {
        try TemporaryFile.replace(path, with: Array(content), prepare: nil)
    }

    /// Removes the file; one that is gone already is no error.
    package static func remove(_ path: FilePath) throws(FileFault) {
        try SystemCalls.remove(path)
    }

    /// Gives a finished file its name for good: bytes and name are on the disk when this returns.
    package static func publish(
        _ descriptor: FileDescriptor,
        at temporary: FilePath,
        as path: FilePath
    ) throws(FileFault) {
        try SystemCalls.synchronize(descriptor, path: temporary)
        try SystemCalls.rename(temporary, to: path)
        try TemporaryFile.synchronizeFolder(path.removingLastComponent())
    }
}
