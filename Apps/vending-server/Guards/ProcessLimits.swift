#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What the system lets this process do.
enum ProcessLimits {
    /// Files that aren't connections: the database, the log, STS, the event loops.
    static let reserve = 128

    /// Raises the number of open files to what is allowed, and survives a log reader's end; returns the number.
    static func prepare() -> Int {
        signal(SIGPIPE, SIG_IGN)
        var limit = rlimit()
        #if canImport(Glibc)
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
        let resource = RLIMIT_NOFILE
        #endif
        guard getrlimit(resource, &limit) == 0 else { return 1024 }
        if limit.rlim_cur < limit.rlim_max {
            var raised = limit
            raised.rlim_cur = limit.rlim_max
            if setrlimit(resource, &raised) == 0 { limit = raised }
        }
        return Int(clamping: limit.rlim_cur)
    }
}
