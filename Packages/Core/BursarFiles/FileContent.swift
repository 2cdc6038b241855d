package import SystemPackage

/// Reads whole files of a bounded size; what isn't an ordinary file is refused, so that nothing waits on a pipe.
package enum FileContent {
    /// The bytes of an ordinary file that holds at most `limit` of them.
    package static func read(_ path: FilePath, limit: Int) throws(FileError) -> [UInt8] {
        try read(path, limit: limit, check: nil)
    }

    /// The bytes of an ordinary file, or nil when there is none at `path`.
    package static func readIfPresent(_ path: FilePath, limit: Int) throws(FileError) -> [UInt8]? {
        do {
            return try read(path, limit: limit)
        } catch  where error.reason == .missing {
            return nil
        }
    }

    /// Reads after `check` has seen the open file's owner and mode, so that nothing can change in between.
    static func read(
        _ path: FilePath,
        limit: Int,
        check: ((Stat) throws(FileError) -> Void)?
    ) throws(FileError) -> [UInt8] {
        let descriptor = try open(path)
        defer { try? descriptor.close() }
        let stat = try descriptor.status(path)
        guard stat.type == .regular else { throw FileError(path, .notAFile) }
        try check?(stat)
        guard stat.size <= limit else { throw FileError(path, .tooLarge(limit: limit)) }
        return try descriptor.readAll(path, expecting: Int(stat.size), limit: limit)
    }

    private static func open(_ path: FilePath) throws(FileError) -> FileDescriptor {
        do {
            return try FileDescriptor.open(path, .readOnly, options: [.nonBlocking, .closeOnExec])
        } catch Errno.permissionDenied {
            throw FileError(path, .unreadable)
        } catch Errno.noSuchAddressOrDevice {
            // A socket can't be opened at all.
            throw FileError(path, .notAFile)
        } catch let errno as Errno {
            throw FileError(path, errno: errno)
        } catch {
            throw FileError(path, .system(.ioError))
        }
    }
}

extension FileDescriptor {
    func status(_ path: FilePath) throws(FileError) -> Stat {
        do {
            return try stat()
        } catch {
            throw FileError(path, errno: error)
        }
    }

    fileprivate func readAll(_ path: FilePath, expecting size: Int, limit: Int) throws(FileError) -> [UInt8] {
        var content: [UInt8] = []
        var room = size + 1
        do {
            while content.count <= limit {
                let chunk = try [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
                    count = try read(into: UnsafeMutableRawBufferPointer(buffer))
                }
                if chunk.isEmpty { return content }
                if content.isEmpty { content = chunk } else { content += chunk }
                room = min(64 << 10, max(1, limit + 1 - content.count))
            }
        } catch let errno as Errno {
            throw FileError(path, errno: errno)
        } catch {
            throw FileError(path, .system(.ioError))
        }
        throw FileError(path, .tooLarge(limit: limit))
    }
}
