package import SystemPackage

extension PrivateFile {
    /// Makes a file of mode `0600` where there is none, not even a link, and puts `content` on the disk.
    ///
    /// - Throws: a fault whose reason is `.system(.fileExists)` when something stands there; what was made is removed.
    package static func create(_ path: FilePath, _ content: some Sequence<UInt8>) throws(FileFault) {
        do {
            let descriptor = try FileDescriptor.open(
                path,
                .writeOnly,
                options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
                permissions: .ownerReadWrite
            )
            do {
                defer { try? descriptor.close() }
                try SystemCalls.setMode(.ownerReadWrite, of: descriptor, path: path)
                try descriptor.writeAll(Array(content))
                try SystemCalls.synchronize(descriptor, path: path)
            } catch {
                try? SystemCalls.remove(path)
                throw error
            }
        } catch let fault as FileFault {
            throw fault
        } catch {
            throw FileFault(path, errno: error as? Errno ?? .ioError)
        }
    }
}
