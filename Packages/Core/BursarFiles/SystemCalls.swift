import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The calls that swift-system doesn't have, with their errors as ``FileError``.
enum SystemCalls {
    /// The errors of file systems without locks: Lustre without `-o flock`, NFS without a lock daemon, some of FUSE.
    static let noLocks: [Errno] = [
        .noFunction, .noLocks, .notSupported, .notSupportedOnSocket, .invalidArgument,
    ]
    /// The errors of file systems that can't synchronize: folders of CIFS, virtual machines and FUSE.
    static let notSynchronized: [Errno] = [
        .invalidArgument, .notSupported, .notSupportedOnSocket, .noFunction, .readOnlyFileSystem, .notPermitted,
        .permissionDenied,
    ]
    /// The errors of file systems that keep no modes or owners, and of all others for a user who may not change them.
    static let notGranted: [Errno] = [
        .notPermitted, .notSupported, .notSupportedOnSocket, .noFunction, .invalidArgument, .permissionDenied,
    ]
    /// The errors of file systems without hard links.
    static let noLinks: [Errno] = [
        .notPermitted, .notSupported, .notSupportedOnSocket, .noFunction, .permissionDenied, .improperLink,
    ]

    static func makeFolder(_ path: FilePath) -> Errno? {
        errno(of: path.withPlatformString { mkdir($0, 0o700) })
    }

    static func rename(_ source: FilePath, to target: FilePath) throws(FileError) {
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
        if let errno = errno(of: result) { throw FileError(target, errno: errno) }
    }

    /// Removes the name; a file that is gone already counts as removed.
    static func remove(_ path: FilePath) throws(FileError) {
        let errno = errno(of: path.withPlatformString { unlink($0) })
        if let errno, errno != .noSuchFileOrDirectory, errno != .notDirectory { throw FileError(path, errno: errno) }
    }

    /// Returns the target of a symbolic link, as written in it; nil if `path` is no link or doesn't exist.
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

    /// Gives the file a second name, where there is nothing yet.
    static func link(_ source: FilePath, to target: FilePath) -> Errno? {
        let result = source.withPlatformString { source in
            target.withPlatformString { target in
                #if canImport(Glibc)
                Glibc.link(source, target)
                #elseif canImport(Musl)
                Musl.link(source, target)
                #else
                Darwin.link(source, target)
                #endif
            }
        }
        return errno(of: result)
    }

    /// Removes a folder that is empty.
    static func removeFolder(_ path: FilePath) -> Errno? {
        errno(of: path.withPlatformString { rmdir($0) })
    }

    /// Waits until the content, or a folder's names, would survive a power cut; not where the file system can't say.
    static func synchronize(_ descriptor: FileDescriptor, path: FilePath) throws(FileError) {
        guard let errno = fileSync(descriptor), !notSynchronized.contains(errno) else { return }
        throw FileError(path, errno: errno)
    }

    static func fileSync(_ descriptor: FileDescriptor) -> Errno? {
        errno(of: fsync(descriptor.rawValue))
    }

    /// Sets the mode, where that is for us to say: what the file shows afterwards is what counts.
    static func setMode(_ mode: FilePermissions, of descriptor: FileDescriptor, path: FilePath) throws(FileError) {
        guard let errno = errno(of: fchmod(descriptor.rawValue, mode.rawValue)), !notGranted.contains(errno) else {
            return
        }
        throw FileError(path, errno: errno)
    }

    static func setOwner(_ user: UserID, _ group: GroupID, of descriptor: FileDescriptor) -> Errno? {
        errno(of: fchown(descriptor.rawValue, user.rawValue, group.rawValue))
    }

    /// Takes the kernel's lock; `.wouldBlock` when another holder has it.
    static func lock(_ descriptor: FileDescriptor) -> Errno? {
        while true {
            let errno = errno(of: flock(descriptor.rawValue, LOCK_EX | LOCK_NB))
            if errno != .interrupted { return errno }
        }
    }

    /// The time of the last change of the content, in seconds.
    static func modified(_ stat: Stat) -> Int { stat.st_mtim.tv_sec }

    /// Sets a file's times to the present, by the clock of its file system.
    static func touch(_ descriptor: FileDescriptor) -> Bool {
        futimens(descriptor.rawValue, nil) == 0
    }

    static func unlock(_ descriptor: FileDescriptor) {
        flock(descriptor.rawValue, LOCK_UN)
    }

    /// Takes a shared POSIX lock on the whole file, which no process takes exclusively.
    static func shareLock(_ descriptor: FileDescriptor, path: FilePath) throws(FileError) {
        var lock = flock()
        lock.l_type = Int16(F_RDLCK)
        lock.l_whence = Int16(SEEK_SET)
        if let errno = errno(of: fcntl(descriptor.rawValue, F_SETLK, &lock)) { throw FileError(path, errno: errno) }
    }

    /// The process that holds a POSIX lock on the file, 0 or less when it has no number here; nil when none does.
    static func lockHolder(_ descriptor: FileDescriptor, path: FilePath) throws(FileError) -> Int32? {
        var lock = flock()
        lock.l_type = Int16(F_WRLCK)
        lock.l_whence = Int16(SEEK_SET)
        if let errno = errno(of: fcntl(descriptor.rawValue, F_GETLK, &lock)) { throw FileError(path, errno: errno) }
        return lock.l_type == Int16(F_UNLCK) ? nil : lock.l_pid
    }

    /// Returns true if the file system supports POSIX locks.
    static func hasRecordLocks(_ descriptor: FileDescriptor) -> Bool {
        do throws(FileError) {
            _ = try lockHolder(descriptor, path: "")
            return true
        } catch {
            return false
        }
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
