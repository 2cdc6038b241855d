package import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A sign that a process is at work on something: a kernel lock on a file of its own, which any number may share and
/// which others see without taking it.
///
/// It can't be left behind: the kernel takes it away when the process ends, however it ends. The file stays.
package enum PresenceLock {
    /// A process that holds the lock.
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

/// The process that made a file, in a form that goes into a file's name: so that others can tell a file that is in the
/// making from one whose process was killed.
struct ProcessMark: Equatable, Sendable, CustomStringConvertible {
    /// The host since it started and, in containers, the numbering that the process belongs to, as a number.
    private let machine: UInt32
    private let processID: Int32
    /// The start time, since process ids are reused; 0 if the system doesn't report it.
    private let start: UInt64

    private init(machine: UInt32, processID: Int32, start: UInt64) {
        self.machine = machine
        self.processID = processID
        self.start = start
    }

    /// This process.
    static func current() -> Self {
        let own = getpid()
        return Self(machine: Self.machine(), processID: own, start: Self.start(of: own) ?? 0)
    }

    /// Reads a mark at the beginning of `text`; nil when there is none.
    init?(at text: some StringProtocol) {
        let parts = text.split(separator: "-", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count >= 3, let machine = UInt32(parts[0], radix: 36),
            let processID = Int32(parts[1], radix: 36), processID > 0, let start = UInt64(parts[2], radix: 36)
        else { return nil }
        self.init(machine: machine, processID: processID, start: start)
    }

    var description: String {
        "\(String(machine, radix: 36))-\(String(processID, radix: 36))-\(String(start, radix: 36))"
    }

    /// True if the process still runs; nil if that is unknown, since it belongs to another machine or container, or
    /// to the time before this machine was started.
    var isAlive: Bool? {
        guard machine == Self.machine() else { return nil }
        // Signal 0 is none: it only asks. A process of another user can't be asked, so it is there.
        guard kill(processID, 0) == 0 || errno != ESRCH else { return false }
        guard start != 0, let now = Self.start(of: processID) else { return true }
        return now == start
    }

    private static func machine() -> UInt32 {
        let limit = 256
        var host = [CChar](repeating: 0, count: limit)
        gethostname(&host, limit - 1)
        let name = host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        let numbering = SystemCalls.linkTarget("/proc/self/ns/pid")?.string ?? ""
        // Another for each start of the machine, and for machines of one name: random(4).
        let boot = (try? FileContent.read("/proc/sys/kernel/random/boot_id", limit: 64)) ?? []
        // FNV-1a: short, and the same in every program and version.
        return (name + Array(numbering.utf8) + boot).reduce(2_166_136_261) { ($0 ^ UInt32($1)) &* 16_777_619 }
    }

    /// The 22nd field of /proc/PID/stat, in clock ticks since the machine started.
    private static func start(of processID: Int32) -> UInt64? {
        guard let bytes = try? FileContent.read(FilePath("/proc/\(processID)/stat"), limit: 4096),
            let end = bytes.lastIndex(of: UInt8(ascii: ")"))
        else { return nil }
        let fields = bytes[bytes.index(after: end)...].split(separator: UInt8(ascii: " "))
        return fields.count > 19 ? UInt64(String(decoding: fields[19], as: UTF8.self)) : nil
    }
}
