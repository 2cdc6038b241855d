package import SystemPackage

/// One holder at a time among all processes, by a kernel lock (`flock`) on a file of its own.
///
/// The kernel lets go when the process ends, however it ends. Where the file system has no such locks, a second file
/// that only one process can create replaces it (``LockFile``). The holder may remove the lock's file: who waited for
/// it sees that it is gone.
package struct FileLock: ~Copyable, Sendable {
    private let descriptor: FileDescriptor
    private let lockFile: LockFile?

    /// The lock, or nil when another holder has it.
    package static func tryAcquire(_ path: FilePath) throws(FileError) -> FileLock? {
        while true {
            let descriptor = try open(path)
            let grip: Grip
            do {
                grip = try Self.grip(descriptor, path)
            } catch {
                try? descriptor.close()
                throw error
            }
            switch grip {
            case .none:
                try? descriptor.close()
                return nil
            case .lock(let lockFile):
                let lock = FileLock(descriptor: descriptor, lockFile: lockFile)
                // Who held it before may have removed the file, and another may hold the next one.
                if Self.isInPlace(descriptor, path) { return lock }
            }
        }
    }

    /// The lock as soon as it is free, or nil when `deadline` passes first.
    ///
    /// `flock` can't wait with a limit, so this asks again after 1 ms, then ever more slowly, up to 32 ms.
    package static func acquire(_ path: FilePath, before deadline: ContinuousClock.Instant) async throws -> FileLock? {
        let clock = ContinuousClock()
        var pause = Duration.milliseconds(1)
        while true {
            if let lock = try tryAcquire(path) { return lock }
            let wake = clock.now.advanced(by: pause)
            guard wake < deadline else { return nil }
            try await clock.sleep(until: wake, tolerance: pause / 4)
            pause = min(pause * 2, .milliseconds(32))
        }
    }

    /// The files that a lock at `path` is made of.
    package static func files(of path: FilePath) -> [FilePath] {
        [path, LockFile.path(for: path)]
    }

    /// Lets go, as the end of the value's life does; this says where that is.
    package consuming func release() {}

    deinit {
        if let lockFile {
            lockFile.remove()
        } else {
            // Closing alone would not do: a child that is just being started may hold the same open file.
            SystemCalls.unlock(descriptor)
        }
        try? descriptor.close()
    }

    private enum Grip {
        case none
        case lock(LockFile?)
    }

    private static func grip(_ descriptor: FileDescriptor, _ path: FilePath) throws(FileError) -> Grip {
        guard let errno = SystemCalls.lock(descriptor) else { return .lock(nil) }
        if errno == .wouldBlock { return .none }
        guard SystemCalls.noLocks.contains(errno) else { throw FileError(path, errno: errno) }
        return try LockFile.make(for: path, clock: descriptor).map { .lock($0) } ?? .none
    }

    private static func isInPlace(_ descriptor: FileDescriptor, _ path: FilePath) -> Bool {
        guard let held = try? descriptor.stat(), let there = try? path.stat(followTargetSymlink: false) else {
            return false
        }
        return held.deviceID == there.deviceID && held.inode == there.inode
    }

    private static func open(_ path: FilePath) throws(FileError) -> FileDescriptor {
        do {
            return try FileDescriptor.open(
                path,
                .readWrite,
                options: [.create, .noFollow, .closeOnExec],
                permissions: .ownerReadWrite
            )
        } catch {
            throw FileError(path, errno: error as? Errno ?? .ioError)
        }
    }
}

/// A lock without the kernel: the process that creates the file holds it until the file is removed.
///
/// The file of a killed process stays. So it names its maker: a file whose process is gone, or that another
/// machine made longer ago than any of Bursar's operations take, is cleared away.
struct LockFile: Sendable {
    /// More seconds than any holder takes, and fewer than a person waits.
    static let longestHold = 15
    /// Locks that may be abandoned one upon the other: each was held by a process that was killed while it cleared away
    /// the one below.
    private static let depth = 4

    private let path: FilePath
    private let content: [UInt8]

    static func path(for lock: FilePath) -> FilePath {
        FilePath(lock.string + ".held")
    }

    /// The lock of who clears away the lock file at `path` with just this content, which comes once only.
    static func path(toClear path: FilePath, with content: [UInt8]) -> FilePath {
        // FNV-1a, 64 bits: the same in every program and version.
        let bytes = Array((path.lastComponent?.string ?? "").utf8) + content
        let hash = bytes.reduce(14_695_981_039_346_656_037 as UInt64) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
        return path.removingLastComponent().appending(TemporaryFile.prefix + String(hash, radix: 36))
    }

    /// The lock beside the file at `lock`, which is open as `clock`; nil when another holder has it.
    static func make(for lock: FilePath, clock: FileDescriptor) throws(FileError) -> LockFile? {
        try make(path(for: lock), clock, depth)
    }

    private static func make(
        _ path: FilePath,
        _ clock: FileDescriptor,
        _ depth: Int
    ) throws(FileError) -> LockFile? {
        let own = LockFile(path: path, content: Array(TemporaryFile.newName().utf8))
        for _ in 0..<2 {
            if try own.isMade() { return own }
            guard try own.clearAbandoned(clock, depth) else { return nil }
        }
        return nil
    }

    /// Releases the lock; a file that another process made meanwhile stays.
    func remove() {
        guard (try? FileContent.read(path, limit: 256)) == content else { return }
        try? SystemCalls.remove(path)
    }

    /// False when the file is there already; one that can't be written doesn't stay.
    private func isMade() throws(FileError) -> Bool {
        let file: FileDescriptor
        do {
            file = try FileDescriptor.open(
                path,
                .writeOnly,
                options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
                permissions: .ownerReadWrite
            )
        } catch Errno.fileExists {
            return false
        } catch {
            throw FileError(path, errno: error as? Errno ?? .ioError)
        }
        do {
            _ = try file.closeAfter { try file.writeAll(content) }
            return true
        } catch {
            try? SystemCalls.remove(path)
            throw FileError(path, errno: error as? Errno ?? .ioError)
        }
    }

    /// Clears the file away when it is abandoned; false when it isn't, or when another does so.
    ///
    /// Between the check of a file and its removal, another process may have removed it and created its own. So a
    /// process that removes one holds a lock of its own for that content, and checks again: no other process removes it
    /// then.
    private func clearAbandoned(_ clock: FileDescriptor, _ depth: Int) throws(FileError) -> Bool {
        guard let found = abandonedContent(clock) else { return (try? path.stat(followTargetSymlink: false)) == nil }
        guard depth > 0 else { return false }
        let clearing = Self.path(toClear: path, with: found)
        guard let right = try Self.make(clearing, clock, depth - 1) else { return false }
        defer { right.remove() }
        if abandonedContent(clock) == found { try SystemCalls.remove(path) }
        return true
    }

    /// The file's content; nil if there is none, or if a process may hold the lock.
    private func abandonedContent(_ clock: FileDescriptor) -> [UInt8]? {
        guard let stat = try? path.stat(followTargetSymlink: false),
            let found = try? FileContent.read(path, limit: 256)
        else { return nil }
        let maker = ProcessMark(at: String(decoding: found.dropFirst(TemporaryFile.prefix.utf8.count), as: UTF8.self))
        return maker?.isAlive.map { !$0 } ?? isOld(stat, clock) ? found : nil
    }

    /// True for an old file, by the file system's own clock, which may differ from this machine's.
    private func isOld(_ stat: Stat, _ clock: FileDescriptor) -> Bool {
        guard let now = present(clock) else { return false }
        let age = now - SystemCalls.modified(stat)
        guard age < -Self.longestHold else { return age > Self.longestHold }
        // A clock was set back, or the maker's is far ahead: the file ages from now on.
        return !isTouched()
    }

    /// The present by the file system's clock; where the times of a file can't be set, a new file has it.
    private func present(_ clock: FileDescriptor) -> Int? {
        if SystemCalls.touch(clock), let now = try? clock.stat() { return SystemCalls.modified(now) }
        guard let (path, file) = try? TemporaryFile.create(in: path.removingLastComponent()) else { return nil }
        defer {
            try? file.close()
            try? SystemCalls.remove(path)
        }
        return (try? file.stat()).map(SystemCalls.modified)
    }

    private func isTouched() -> Bool {
        let options: FileDescriptor.OpenOptions = [.noFollow, .closeOnExec]
        guard let file = try? FileDescriptor.open(path, .writeOnly, options: options) else { return false }
        defer { try? file.close() }
        return SystemCalls.touch(file)
    }
}
