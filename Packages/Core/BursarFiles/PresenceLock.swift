package import SystemPackage

/// A sign that a process is at work on something: a kernel lock on a file of its own, which any number may share and
/// which others see without taking it.
///
/// It can't be left behind: the kernel takes it away when the process ends, however it ends. The file stays.
package enum PresenceLock {
    /// Somebody who holds it.
    package struct Holder: Equatable, Sendable {
        /// nil where the process has no number, in another container for instance.
        package let processID: Int32?
    }

    /// Takes a share of the lock, until this process ends.
    ///
    /// The descriptor stays open on purpose: POSIX drops a process's locks on a file with the first one it closes, so
    /// ``holder(of:)`` must not be asked of the same file afterwards.
    package static func hold(_ path: FilePath) throws(FileError) {
        let descriptor = try open(path, .readWrite, [.create, .noFollow, .closeOnExec])
        try SystemCalls.shareLock(descriptor, path: path)
    }

    /// Another process that holds it; nil when there is none.
    package static func holder(of path: FilePath) throws(FileError) -> Holder? {
        let descriptor: FileDescriptor
        do {
            descriptor = try open(path, .readOnly, [.noFollow, .closeOnExec])
        } catch  where error.reason == .missing {
            return nil
        }
        defer { try? descriptor.close() }
        guard let processID = try SystemCalls.lockHolder(descriptor, path: path) else { return nil }
        return Holder(processID: processID > 0 ? processID : nil)
    }

    private static func open(
        _ path: FilePath,
        _ mode: FileDescriptor.AccessMode,
        _ options: FileDescriptor.OpenOptions
    ) throws(FileError) -> FileDescriptor {
        do {
            return try FileDescriptor.open(path, mode, options: options, permissions: .ownerReadWrite)
        } catch {
            throw FileError(path, errno: error as? Errno ?? .ioError)
        }
    }
}
