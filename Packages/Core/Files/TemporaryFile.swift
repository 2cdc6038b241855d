import SystemPackage

/// The one way a file is replaced: written beside it, made durable, renamed over it.
enum TemporaryFile {
    /// What the names of unfinished files begin with.
    static let prefix = ".bursar-"

    /// `prepare` sets owner and mode of the new file (`0600`, ours) before it takes the name.
    static func replace(
        _ path: FilePath,
        with content: [UInt8],
        prepare: ((FileDescriptor) throws(FileFault) -> Void)?
    ) throws(FileFault) {
        guard path.lastComponent != nil else { throw FileFault(path, .notAFile) }
        let folder = path.removingLastComponent()
        let (temporary, descriptor) = try create(in: folder)
        do {
            try write(content, to: descriptor, path: temporary, prepare: prepare)
            try SystemCalls.rename(temporary, to: path)
        } catch {
            try? SystemCalls.remove(temporary)
            throw error
        }
        try synchronizeFolder(folder)
    }

    private static func create(in folder: FilePath) throws(FileFault) -> (FilePath, FileDescriptor) {
        while true {
            let path = folder.appending("\(prefix)\(String(UInt64.random(in: .min ... .max), radix: 36))")
            do {
                let descriptor = try FileDescriptor.open(
                    path,
                    .writeOnly,
                    options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
                    permissions: .ownerReadWrite
                )
                return (path, descriptor)
            } catch Errno.fileExists {
                continue
            } catch let errno as Errno {
                throw FileFault(folder, errno: errno)
            } catch {
                throw FileFault(folder, .system(.ioError))
            }
        }
    }

    private static func write(
        _ content: [UInt8],
        to descriptor: FileDescriptor,
        path: FilePath,
        prepare: ((FileDescriptor) throws(FileFault) -> Void)?
    ) throws(FileFault) {
        defer { try? descriptor.close() }
        do {
            try descriptor.writeAll(content)
        } catch {
            throw FileFault(path, errno: error as? Errno ?? .ioError)
        }
        try SystemCalls.setMode(.ownerReadWrite, of: descriptor, path: path)
        try prepare?(descriptor)
        try SystemCalls.synchronize(descriptor, path: path)
    }

    static func synchronizeFolder(_ folder: FilePath) throws(FileFault) {
        let folder = folder.isEmpty ? "." : folder
        do {
            let descriptor = try FileDescriptor.open(folder, .readOnly, options: [.directory, .closeOnExec])
            defer { try? descriptor.close() }
            try SystemCalls.synchronize(descriptor, path: folder)
        } catch let fault as FileFault {
            throw fault
        } catch {
            throw FileFault(folder, errno: error as? Errno ?? .ioError)
        }
    }
}
