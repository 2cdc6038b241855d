import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Puts another program in this one's place: same process, so its signals and its exit code are its own.
struct ProcessExec {
    let command: [String]
    let environment: [String: String]

    /// Why it could not be started, as `env` and shells tell it by their exit code.
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
                // A script without `#!`: sh reads it, as for `execvp` of POSIX.
                throw .system(execute("/bin/sh", ["/bin/sh", path] + command.dropFirst()))
            case let errno: throw .system(errno)
            }
        }
        throw failure
    }

    /// A name with a slash is a path; any other is looked for in `PATH`, where an empty part is the working folder.
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

    /// A task may run on a thread that takes no signals, which the new program would inherit.
    private static func unblockSignals() {
        var none = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, nil)
    }

    /// Calls `body` with copies of `strings`, as C wants a list of them.
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
