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
    let interruption = CancellationFlag()

    /// From here on, until the process ends.
    ///
    /// Each source is kept by its own handler: were one to go with this value, its signal would be lost without a word.
    init() {
        let numbers = [SIGINT, SIGTERM, SIGHUP]
        let registered = DispatchSemaphore(value: 0)
        // Of their own: the shared queues have a thread per processor, and work that blocks may have them all.
        let queue = DispatchQueue(label: "signals")
        for number in numbers {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { [interruption] in
                withExtendedLifetime(source) { interruption.request() }
            }
            source.setRegistrationHandler { registered.signal() }
            source.resume()
        }
        // One that comes before would be lost: it is ignored by then, and nobody looks for it yet.
        for _ in numbers { _ = registered.wait(timeout: .now() + .seconds(1)) }
    }

    /// Runs `body` with signals as a wish.
    static func asWish<Result>(_ body: (CancellationFlag) async throws -> Result) async rethrows -> Result {
        try await body(Signals().interruption)
    }

    /// Lets other programs go first, since vends of this machine matter more than what nobody waits for.
    static func yieldToOthers() {
        _ = nice(19)
    }
}
