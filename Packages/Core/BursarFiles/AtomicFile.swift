package import SystemPackage

/// Replaces files that belong to the user and other programs: what isn't content stays as it was.
package enum AtomicFile {
    /// Puts `content` in the place of the file at `path`, as a whole, keeping its mode and owner.
    ///
    /// A symbolic link stays a link: the file that it points to is replaced. A file that doesn't exist is made with
    /// mode `0600`. Hard links, ACLs and extended attributes are not carried over.
    package static func replace(_ path: FilePath, with content: [UInt8]) throws(FileError) {
        let target = try target(of: path)
        let existing = try status(target)
        if let existing, existing.type != .regular { throw FileError(target, .notAFile) }
        try TemporaryFile.put(content, at: target, .replaced) { descriptor throws(FileError) in
            if let existing { try adopt(existing, descriptor, path: target) }
        }
    }

    /// Removes the file at `path`, and leaves a link that leads there; one that is gone already is no error.
    package static func remove(_ path: FilePath) throws(FileError) {
        try SystemCalls.remove(target(of: path))
    }

    /// The file behind a chain of symbolic links; `path` itself when it is none.
    package static func target(of path: FilePath) throws(FileError) -> FilePath {
        var target = path
        for _ in 0..<40 {
            guard let next = SystemCalls.linkTarget(target) else { return target }
            target = next.isAbsolute ? next : target.removingLastComponent().pushing(next)
        }
        throw FileError(path, .tooManyLinks)
    }

    /// Gives the new file the owner and mode of the one that it replaces, and never a wider mode than it had.
    ///
    /// A group that this user isn't in can't be given: the file is then of the user's own group, which may do nothing.
    private static func adopt(_ existing: Stat, _ descriptor: FileDescriptor, path: FilePath) throws(FileError) {
        let fresh = try descriptor.status(path)
        var mode = existing.permissions
        if existing.userID != fresh.userID || existing.groupID != fresh.groupID,
            let errno = SystemCalls.setOwner(existing.userID, existing.groupID, of: descriptor)
        {
            guard SystemCalls.notGranted.contains(errno) else { throw FileError(path, errno: errno) }
            guard existing.userID == fresh.userID else { throw FileError(path, .foreignOwner) }
            mode.subtract(.groupReadWriteExecute)
        }
        try SystemCalls.setMode(mode, of: descriptor, path: path)
    }

    private static func status(_ path: FilePath) throws(FileError) -> Stat? {
        do {
            return try path.stat()
        } catch .noSuchFileOrDirectory {
            return nil
        } catch {
            throw FileError(path, errno: error)
        }
    }
}
