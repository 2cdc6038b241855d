import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The calls that swift-system doesn't have, with their errors as ``FileFault``.
enum SystemCalls {
    static func makeFolder(_ path: FilePath) -> Errno? {
        errno(of: path.withPlatformString { mkdir($0, 0o700) })
    }

    static func rename(_ source: FilePath, to target: FilePath) throws(FileFault) {
        let result = source.withPlatformString { source in
            target.withPlatformString { target in
                #if canImport(Glibc)
                Glibc.rename(source, target)
                #elseif canImport(Musl)
                Musl.rename(source, target)
                #else
                Darwin.rename(source, target)
                #endif
            }
        }
        if let errno = errno(of: result) { throw FileFault(target, errno: errno) }
    }

    /// Removes the name; a file that is gone already counts as removed.
    static func remove(_ path: FilePath) throws(FileFault) {
        let errno = errno(of: path.withPlatformString { unlink($0) })
        if let errno, errno != .noSuchFileOrDirectory { throw FileFault(path, errno: errno) }
    }

    /// Where a symbolic link points, as it is written in it; nil when `path` is no link or doesn't exist.
    static func linkTarget(_ path: FilePath) -> FilePath? {
        let limit = 4096
        let target = [CChar](unsafeUninitializedCapacity: limit) { buffer, count in
            guard let start = buffer.baseAddress else { return }
            count = max(0, path.withPlatformString { readlink($0, start, limit) })
        }
        guard !target.isEmpty, target.count < limit else { return nil }
        return (target + [0]).withUnsafeBufferPointer { buffer in
            buffer.baseAddress.map { FilePath(platformString: $0) }
        }
    }

    /// Waits until the content, or a folder's names, would survive a power cut.
    static func synchronize(_ descriptor: FileDescriptor, path: FilePath) throws(FileFault) {
        if let errno = errno(of: fsync(descriptor.rawValue)) { throw FileFault(path, errno: errno) }
    }

    static func setMode(_ mode: FilePermissions, of descriptor: FileDescriptor, path: FilePath) throws(FileFault) {
        if let errno = errno(of: fchmod(descriptor.rawValue, mode.rawValue)) { throw FileFault(path, errno: errno) }
    }

    static func setOwner(_ user: UserID, _ group: GroupID, of descriptor: FileDescriptor, path: FilePath)
        throws(FileFault)
    {
        let result = fchown(descriptor.rawValue, user.rawValue, group.rawValue)
        if let errno = errno(of: result) { throw FileFault(path, errno: errno) }
    }

    /// Whether the lock is now held; false when another holder has it.
    static func tryLock(_ descriptor: FileDescriptor, path: FilePath) throws(FileFault) -> Bool {
        while true {
            guard let errno = errno(of: flock(descriptor.rawValue, LOCK_EX | LOCK_NB)) else { return true }
            if errno == .wouldBlock { return false }
            if errno != .interrupted { throw FileFault(path, errno: errno) }
        }
    }

    static func unlock(_ descriptor: FileDescriptor) {
        flock(descriptor.rawValue, LOCK_UN)
    }

    /// Takes a share of the POSIX lock on the whole file, which nobody takes alone.
    static func shareLock(_ descriptor: FileDescriptor, path: FilePath) throws(FileFault) {
        var lock = flock()
        lock.l_type = Int16(F_RDLCK)
        lock.l_whence = Int16(SEEK_SET)
        if let errno = errno(of: fcntl(descriptor.rawValue, F_SETLK, &lock)) { throw FileFault(path, errno: errno) }
    }

    /// The process that holds a POSIX lock on the file, 0 or less when it has no number here; nil when none does.
    static func lockHolder(_ descriptor: FileDescriptor, path: FilePath) throws(FileFault) -> Int32? {
        var lock = flock()
        lock.l_type = Int16(F_WRLCK)
        lock.l_whence = Int16(SEEK_SET)
        if let errno = errno(of: fcntl(descriptor.rawValue, F_GETLK, &lock)) { throw FileFault(path, errno: errno) }
        return lock.l_type == Int16(F_UNLCK) ? nil : lock.l_pid
    }

    static var effectiveUser: UserID { UserID(rawValue: geteuid()) }

    private static func errno(of result: CInt) -> Errno? {
        #if canImport(Glibc)
        result == 0 ? nil : Errno(rawValue: Glibc.errno)
        #elseif canImport(Musl)
        result == 0 ? nil : Errno(rawValue: Musl.errno)
        #else
        result == 0 ? nil : Errno(rawValue: Darwin.errno)
        #endif
    }
}
