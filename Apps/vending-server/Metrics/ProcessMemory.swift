import BursarFiles
import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// How much memory this process holds.
enum ProcessMemory {
    /// In bytes; nil where the system doesn't tell (proc(5)).
    static var resident: Int? {
        guard let file = try? FileContent.read("/proc/self/statm", limit: 4096) else { return nil }
        let fields = String(decoding: file, as: UTF8.self).split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { return nil }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
