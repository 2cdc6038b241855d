package import SystemPackage

/// One holder at a time among all processes of this machine, by a kernel lock (`flock`) on a file of its own.
///
/// The kernel lets go when the process ends, however it ends. The file stays: removing it would let two hold it.
package struct FileLock: ~Copyable, Sendable {
    private let descriptor: FileDescriptor

    /// The lock, or nil when another holder has it.
    package static func tryAcquire(_ path: FilePath) throws(FileFault) -> FileLock? {
        let lock = FileLock(descriptor: try open(path))
        guard try SystemCalls.tryLock(lock.descriptor, path: path) else { return nil }
        return lock
    }

    /// The lock as soon as it is free, or nil when `deadline` passes first.
    ///
    /// `flock` can't wait with a limit, so this asks again after 1 ms, then ever more slowly, up to 32 ms.
    package static func acquire(_ path: FilePath, before deadline: ContinuousClock.Instant) async throws -> FileLock? {
        let clock = ContinuousClock()
        let lock = FileLock(descriptor: try open(path))
        var pause = Duration.milliseconds(1)
        while try !SystemCalls.tryLock(lock.descriptor, path: path) {
            let wake = clock.now.advanced(by: pause)
            guard wake < deadline else { return nil }
            try await clock.sleep(until: wake, tolerance: pause / 4)
            pause = min(pause * 2, .milliseconds(32))
        }
        return lock
    }

    /// Lets go, as the end of the value's life does; this says where that is.
    package consuming func release() {}

    deinit {
        // Closing alone would not do: a child that is just being started may hold the same open file.
        SystemCalls.unlock(descriptor)
        try? descriptor.close()
    }

    private static func open(_ path: FilePath) throws(FileFault) -> FileDescriptor {
        do {
            return try FileDescriptor.open(
                path,
                .readWrite,
                options: [.create, .noFollow, .closeOnExec],
                permissions: .ownerReadWrite
            )
        } catch {
            throw FileFault(path, errno: error as? Errno ?? .ioError)
        }
    }
}
