import BursarFiles
import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Another process, told from one that got its number later, and from what is left of it until its parent has asked.
///
/// Where there is no `/proc`, the number alone has to do.
struct WatchedProcess: Sendable {
    private let id: pid_t
    private let start: String?

    init(_ id: pid_t) {
        self.id = id
        start = Self.facts(of: id)?.start
    }

    var isAlive: Bool {
        guard kill(id, 0) == 0 || errno == EPERM else { return false }
        guard let start else { return true }
        guard let now = Self.facts(of: id) else { return false }
        return now.start == start && now.state != "Z" && now.state != "X"
    }

    /// The name is in parentheses and may hold some; the rest are fields between blanks, the third of all is the state
    /// and the 22nd the start: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html.
    private static func facts(of id: pid_t) -> (state: Substring, start: String)? {
        guard let bytes = try? FileContent.read(FilePath("/proc/\(id)/stat"), limit: 4096) else { return nil }
        let fields = String(decoding: bytes, as: UTF8.self).split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 19 else { return nil }
        return (fields[0], String(fields[19]))
    }
}
