import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Replaces this process with another program (`execve`), which keeps the process id, signals and exit code.
struct ProcessExec {
    let command: [String]
    let environment: [String: String]

    /// A failure to start the program, in the cases that `env` and shells report by different exit codes.
    enum Failure: Error, Equatable {
        case notFound
        case notExecutable
        case system(Errno)
    }

    /// Returns only by throwing.
    func run() throws(Failure) -> Never {
        guard let name = command.first, !name.isEmpty else { throw .notFound }
        var failure = Failure.notFound
        for path in Self.candidates(name, search: environment["PATH"]) {
            switch execute(path, command) {
            case .noSuchFileOrDirectory, .notDirectory: continue
            case .permissionDenied: failure = .notExecutable
            case .execFormatError:
                // A script without `#!` is run by sh, as `execvp` of POSIX does.
                throw .system(execute("/bin/sh", ["/bin/sh", path] + command.dropFirst()))
            case let errno: throw .system(errno)
            }
        }
        throw failure
    }

    /// Candidate paths of a command: a name with a slash is a path; any other is searched for in `PATH`, where an empty
    /// part is the working folder.
    static func candidates(_ name: String, search: String?) -> [String] {
        guard !name.contains("/") else { return [name] }
        return (search ?? "/usr/bin:/bin").split(separator: ":", omittingEmptySubsequences: false)
            .map { $0.isEmpty ? "./\(name)" : "\($0)/\(name)" }
    }

    private func execute(_ path: String, _ command: [String]) -> Errno {
        let variables = environment.map { "\($0)=\($1)" }
        return Self.withCStrings(command) { arguments in
            Self.withCStrings(variables) { variables in
                Self.unblockSignals()
                execve(path, arguments, variables)
                return Errno(rawValue: errno)
            }
        }
    }

    /// Unblocks all signals: a task may run on a thread that blocks them, and the new program would inherit that.
    private static func unblockSignals() {
        var none = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, nil)
    }

    /// Calls `body` with a null-terminated array of C copies of `strings`.
    private static func withCStrings<Result>(
        _ strings: [String],
        _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let copies = strings.map { strdup($0) }
        defer {
            for copy in copies { free(copy) }
        }
        return body(copies + [nil])
    }
}

/// Exit codes of `creds exec` for its own failures: those of `env`, so that scripts can distinguish them from the
/// command's.
enum ExecExitCode {
    static let failed: Int32 = 125
    static let notExecutable: Int32 = 126
    static let notFound: Int32 = 127
}

extension ProcessExec.Failure {
    var exitCode: Int32 {
        switch self {
        case .notFound: ExecExitCode.notFound
        case .notExecutable, .system: ExecExitCode.notExecutable
        }
    }
}

/// The descriptors that this program inherited, and passes on to a command that replaces it.
///
/// All others are closed: libcurl (7.88, seen 2026-11) opens its sockets without close-on-exec.
struct InheritedDescriptors {
    private let open: Set<CInt>
    /// The descriptors that are checked.
    ///
    /// New descriptors get the lowest free numbers, so they are in this range unless the parent left a thousand open.
    private static let looked: Range<CInt> = 3..<1024

    /// Records the open descriptors; must run before the first request to a server.
    init() {
        open = Set(Self.looked.filter { fcntl($0, F_GETFD) >= 0 })
    }

    /// Sets close-on-exec on every descriptor that was not inherited.
    func closeOthersOnExec() {
        for descriptor in Self.looked where !open.contains(descriptor) {
            let flags = fcntl(descriptor, F_GETFD)
            if flags >= 0 { _ = fcntl(descriptor, F_SETFD, flags | FD_CLOEXEC) }
        }
    }
}
