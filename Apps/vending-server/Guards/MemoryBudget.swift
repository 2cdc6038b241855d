import BursarConsole
import BursarFiles
import ServerSettings
import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The number of connections that fit into memory in the worst case.
enum MemoryBudget {
    /// The maximum bytes of a connection: up to 110 KiB in TLS, as measured by `Scripts/connection-memory`, and the
    /// system's buffers, 32 KiB for unread input and 64 KiB for output that isn't accepted, which count in a control
    /// group too.
    static let perConnection = 192 << 10
    /// The maximum of concurrent hashes: each takes 19 MiB.
    static let hashes = 8
    /// The bytes of everything else: program, database, hashes, and an hour of records in memory.
    static let rest = 320 << 20
    /// The number of connections where no memory limit is set.
    static let usualConnections = 4_000
    /// The maximum, however much memory there is.
    private static let mostConnections = 20_000
    private static let fewestConnections = 256

    /// The number of connections that fit into this process's memory.
    static var connections: Int { connections(within: cgroupLimit() ?? .max, machine: machine ?? .max) }

    /// The number of connections that fit into `limit`, a configured one, and into the machine's memory, which other
    /// processes share.
    static func connections(within limit: Int, machine: Int) -> Int {
        func fitting(_ bytes: Int) -> Int { max(fewestConnections, (bytes - rest) / perConnection) }
        guard limit < machine else { return min(usualConnections, fitting(machine / 2)) }
        return min(mostConnections, fitting(limit), fitting(machine))
    }

    /// The lowest limit of this process's control group and its ancestors; nil if there is none.
    ///
    /// https://docs.kernel.org/admin-guide/cgroup-v2.html: `memory.max` is a number of bytes, or `max`. Version 1
    /// writes no limit as a number near the largest.
    static func cgroupLimit(of process: FilePath = "/proc/self/cgroup", root: FilePath = "/sys/fs/cgroup") -> Int? {
        guard let groups = text(process) else { return nil }
        var limits: [Int] = []
        for line in groups.split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let controllers = fields[1].split(separator: ",")
            guard controllers.isEmpty || controllers.contains("memory") else { continue }
            let (top, name) =
                controllers.isEmpty ? (root, "memory.max") : (root.appending("memory"), "memory.limit_in_bytes")
            // In a container the path may be that of the host, which isn't visible; its own group is the top then.
            var folder = top
            var folders = [top]
            for part in fields[2].split(separator: "/") where part != ".." {
                folder.append(String(part))
                folders.append(folder)
            }
            limits += folders.compactMap { text($0.appending(name)).flatMap(limit) }
        }
        return limits.min()
    }

    private static func limit(_ text: String) -> Int? {
        guard let bytes = Int(text.filter { $0.isNumber }), bytes > 0, bytes < 1 << 60 else { return nil }
        return bytes
    }

    private static var machine: Int? {
        let pages = sysconf(Int32(_SC_PHYS_PAGES))
        let size = sysconf(Int32(_SC_PAGESIZE))
        return pages > 0 && size > 0 ? Int(pages) * Int(size) : nil
    }

    private static func text(_ path: FilePath) -> String? {
        guard let file = try? FileDescriptor.open(path, .readOnly, options: [.closeOnExec]) else { return nil }
        defer { try? file.close() }
        let bytes = [UInt8](unsafeUninitializedCapacity: 16 << 10) { buffer, count in
            count = (try? file.read(into: UnsafeMutableRawBufferPointer(buffer))) ?? 0
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// The process's limits as the system sets them.
enum ProcessLimits {
    /// Raises the limit of open files to its maximum, ignores SIGPIPE, and returns the number of open files.
    ///
    /// - Throws: ``UserFacingError`` when the number is too small to serve any client.
    static func prepare() throws(UserFacingError) -> Int {
        StandardStream.outliveReaders()
        let openFiles = OpenFileLimit.raise()
        if let problem = OpenFileLimit.problem(openFiles, least: ServerOpenFiles.least) { throw problem }
        return openFiles
    }
}
