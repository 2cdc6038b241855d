import Dispatch
import Storage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Ctrl-C and SIGTERM as a wish instead of an end, so that long work can clean up after itself.
struct Signals {
    let interruption = Interruption()
    private let sources: [any DispatchSourceSignal]

    /// From here on, until the process ends.
    init() {
        sources = [SIGINT, SIGTERM, SIGHUP].map { [interruption] number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { interruption.request() }
            source.resume()
            return source
        }
    }

    /// Runs `body` with signals as a wish, which they are for as long as their sources live.
    static func asWish<Result>(_ body: (Interruption) async throws -> Result) async rethrows -> Result {
        let signals = Signals()
        defer { withExtendedLifetime(signals) {} }
        return try await body(signals.interruption)
    }

    /// Lets other programs go first, since vends of this machine matter more than what nobody waits for.
    static func yieldToOthers() {
        _ = nice(19)
    }
}
