#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The system resources that a process needs before it starts threads.
///
/// libdispatch, on which Swift's tasks run, opens `/proc/TID/stat` of each of its threads while work is waiting. When
/// it can't, it takes the thread for dead and ends the process with SIGILL, whatever `errno` says
/// (`_dispatch_workq_monitor_pools` in
/// https://github.com/swiftlang/swift-corelibs-libdispatch/blob/main/src/event/workqueue.c). So there must be a
/// `/proc`, and at every moment a descriptor to spare.
package enum ProcessNeeds {
    /// The number of open files that each program needs when it serves no client.
    package static let openFiles = 32

    /// The missing resource; nil if there is none.
    package static func problem(openFiles limit: Int = OpenFileLimit.current) -> UserFacingError? {
        guard hasOwnProcFiles else {
            return UserFacingError(
                "/proc doesn't show this process",
                hint: "mount it: mount -t proc proc /proc; under systemd with RootDirectory=, MountAPIVFS=yes"
            )
        }
        return OpenFileLimit.problem(limit, least: openFiles)
    }

    /// Ends the process with exit code 1 when something is missing.
    package static func orExit(_ terminal: Terminal) {
        guard let problem = problem() else { return }
        terminal.fail(problem)
        exit(1)
    }

    /// True if `/proc` is mounted for this process's own PID namespace.
    private static var hasOwnProcFiles: Bool {
        #if os(Linux)
        var target = [CChar](repeating: 0, count: 16)
        let length = readlink("/proc/self", &target, target.count)
        let number = target.prefix(max(0, length)).map { UInt8(bitPattern: $0) }
        guard String(decoding: number, as: UTF8.self) == String(getpid()) else { return false }
        return access("/proc/self/stat", R_OK) == 0
        #else
        return true
        #endif
    }
}

/// The limit of open files of the process (`RLIMIT_NOFILE`).
package enum OpenFileLimit {
    /// The limit in force.
    package static var current: Int { Int(clamping: limits?.rlim_cur ?? 1024) }

    /// Raises the limit to what is allowed; returns the limit that is in force then.
    package static func raise() -> Int {
        guard var limits, limits.rlim_cur < limits.rlim_max else { return current }
        limits.rlim_cur = limits.rlim_max
        _ = setrlimit(resource, &limits)
        return current
    }

    /// nil when `limit` is `least` or more.
    package static func problem(_ limit: Int, least: Int) -> UserFacingError? {
        guard limit < least else { return nil }
        return UserFacingError(
            "too few open files: \(limit); \(least) is the least",
            hint: "ulimit -n 1024, or LimitNOFILE= in the systemd unit"
        )
    }

    #if canImport(Glibc)
    private static var resource: __rlimit_resource_t { __rlimit_resource_t(RLIMIT_NOFILE.rawValue) }
    #else
    private static var resource: CInt { RLIMIT_NOFILE }
    #endif

    private static var limits: rlimit? {
        var limits = rlimit()
        return getrlimit(resource, &limits) == 0 ? limits : nil
    }
}
