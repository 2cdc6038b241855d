package import SystemPackage

/// Replaces files that belong to the user and other programs: what isn't content stays as it was.
package enum AtomicFile {
    /// Puts `content` in the place of the file at `path`, as a whole, keeping its mode and owner.
    ///
    /// A symbolic link stays a link: the file that it points to is replaced. A file that doesn't exist is made with
    /// mode `0600`. Hard links, ACLs and extended attributes are not carried over.
    package static func replace(_ path: FilePath, with content: [UInt8]) throws(FileFault) {
        let target = try target(of: path)
        let existing = try status(target)
        if let existing, existing.type != .regular { throw FileFault(target, .notAFile) }
        try TemporaryFile.replace(target, with: content) { descriptor throws(FileFault) in
            guard let existing else { return }
            let fresh = try descriptor.status(target)
            if existing.userID != fresh.userID || existing.groupID != fresh.groupID {
                try SystemCalls.setOwner(existing.userID, existing.groupID, of: descriptor, path: target)
            }
            try SystemCalls.setMode(existing.permissions, of: descriptor, path: target)
        }
    }

    /// The file behind a chain of symbolic links; `path` itself when it is none.
    package static func target(of path: FilePath) throws(FileFault) -> FilePath {
        var target = path
        for _ in 0..<40 {
            guard let next = SystemCalls.linkTarget(target) else { return target }
            target = next.isAbsolute ? next : target.removingLastComponent().pushing(next)
        }
        throw FileFault(path, .tooManyLinks)
    }

    private static func status(_ path: FilePath) throws(FileFault) -> Stat? {
        do {
            return try path.stat()
        } catch .noSuchFileOrDirectory {
            return nil
        } catch {
            throw FileFault(path, errno: error)
        }
    }
}
