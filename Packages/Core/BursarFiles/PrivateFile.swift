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
    /// - Throws: a fault whose reason is ``FileError/Reason/modesNotKept`` or ``FileError/Reason/ownersNotKept`` where
    ///   no file can be private; nothing was written then.
    package static func write(_ content: some Sequence<UInt8>, to path: FilePath) throws(FileError) {
        try TemporaryFile.put(Array(content), at: path, .replaced, adopt: nil)
    }

    /// Makes such a file where there is none, not even a link; it is there as a whole or not at all.
    ///
    /// - Throws: a fault whose reason is `.system(.fileExists)` if something exists there, else as ``write(_:to:)``.
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

/// Folders that only their owner may enter.
package enum PrivateFolder {
    /// Makes the folder and every parent that is missing with mode `0700`; those that exist are left as they are.
    ///
    /// An empty path is the working folder, as the folder of a relative path is.
    package static func create(_ path: FilePath) throws(FileError) {
        if path.isEmpty { return }
        guard let errno = SystemCalls.makeFolder(path) else { return }
        switch errno {
        case .fileExists:
            try checkIsFolder(path)
        case .noSuchFileOrDirectory:
            let parent = path.removingLastComponent()
            guard parent != path else { throw FileError(path, .missing) }
            try create(parent)
            // Another process may have been faster, which is as good.
            if let errno = SystemCalls.makeFolder(path), errno != .fileExists { throw FileError(path, errno: errno) }
        default:
            throw FileError(path, errno: errno)
        }
    }

    /// The folder and those above it that aren't there yet, the deepest first.
    package static func missing(_ path: FilePath) -> [FilePath] {
        var missing: [FilePath] = []
        var path = path
        while path.lastComponent != nil, (try? path.stat(followTargetSymlink: false)) == nil {
            missing.append(path)
            path.removeLastComponent()
        }
        return missing
    }

    /// Removes a folder in which there is nothing; one that holds anything stays, and so does one that can't go.
    package static func removeIfEmpty(_ path: FilePath) {
        _ = SystemCalls.removeFolder(path)
    }

    private static func checkIsFolder(_ path: FilePath) throws(FileError) {
        do {
            guard try path.stat().type == .directory else { throw FileError(path, .notAFolder) }
        } catch let fault as FileError {
            throw fault
        } catch {
            throw FileError(path, errno: error as? Errno ?? .ioError)
        }
    }
}

/// Files that a program takes orders from: only root or this user may own them, and only the owner may write.
package enum TrustedFile {
    /// The bytes of such a file; with `isSecret`, one that others may read is refused too, a group of readers is not.
    package static func read(
        _ path: FilePath,
        limit: Int,
        isSecret: Bool = false
    ) throws(FileError) -> [UInt8] {
        try FileContent.read(path, limit: limit) { (stat) throws(FileError) in
            let isOurs = stat.userID == SystemCalls.effectiveUser || stat.userID == UserID(rawValue: 0)
            guard isOurs else { throw FileError(path, .foreignOwner) }
            guard stat.permissions.isDisjoint(with: [.groupWrite, .otherWrite]) else {
                throw FileError(path, .writableByOthers)
            }
            guard !isSecret || !stat.permissions.contains(.otherRead) else { throw FileError(path, .openToOthers) }
        }
    }
}
