package import SystemPackage

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
