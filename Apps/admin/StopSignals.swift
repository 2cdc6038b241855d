import BursarConsole
import Dispatch
import Storage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Ctrl-C, SIGTERM and SIGHUP as a request to stop, so that long work can clean up after itself: the program's one
/// handler of signals.
struct StopSignals {
    let interruption = CancellationFlag()

    /// Catches the signals from now until the process ends.
    ///
    /// Each source is retained by its own handler: if it were released with this value, its signal would be lost
    /// silently.
    init() {
        let numbers = [SIGINT, SIGTERM, SIGHUP]
        let registered = DispatchSemaphore(value: 0)
        // A queue of its own: the shared queues have a thread per processor, and blocking work may occupy them all.
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
        // A signal that arrives earlier would be lost: it is ignored by then, and no source is registered yet.
        for _ in numbers { _ = registered.wait(timeout: .now() + .seconds(1)) }
    }

    /// Runs `body` with a flag that a signal sets, for work that asks now and then.
    static func flagging<Result>(_ body: (CancellationFlag) async throws -> Result) async rethrows -> Result {
        try await body(StopSignals().interruption)
    }

    /// Runs `body`; after a signal its calls throw `CancellationError`, and it cleans up.
    static func cancelling<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        // Before anything else, since signals are lost until all of them are registered.
        let signals = StopSignals()
        let task = Task { try await body() }
        signals.interruption.onRequest { task.cancel() }
        let result = await task.result
        withExtendedLifetime(signals) {}
        return try result.get()
    }
}

/// A prompt that a signal can interrupt: reading a line itself can't be cancelled.
enum Prompt {
    /// Returns when `ask` does.
    ///
    /// - Throws: what `ask` throws, or `CancellationError`.
    static func wait(_ ask: @escaping @Sendable () throws -> Void) async throws {
        let (answers, continuation) = AsyncStream.makeStream(of: Result<Void, any Error>.self)
        DispatchQueue.global().async {
            continuation.yield(Result { try ask() })
            continuation.finish()
        }
        for await answer in answers { return try answer.get() }
        throw CancellationError()
    }
}
