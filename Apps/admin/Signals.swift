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

/// Ctrl-C and SIGTERM as the end of a task, which then puts away what it has begun.
enum StopSignals {
    /// Runs `body`; once a signal has come, its calls throw `CancellationError`.
    static func cancelling<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        // Before anything begins, since a signal is lost until all of them are registered.
        let signals = Signals()
        let task = Task { try await body() }
        signals.interruption.onRequest { task.cancel() }
        let result = await task.result
        withExtendedLifetime(signals) {}
        return try result.get()
    }

    /// Runs `body` to its end, whatever comes: for what must not be left half done.
    static func ignoring<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        // A task of its own doesn't take part in the cancellation of this one.
        try await Task { try await body() }.value
    }

    /// The same, but no longer than `time`: then its calls throw `CancellationError`.
    static func ignoring(
        atMost time: Duration,
        _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        try await ignoring {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await body() }
                group.addTask {
                    try await Task.sleep(for: time)
                    throw CancellationError()
                }
                defer { group.cancelAll() }
                try await group.next()
            }
        }
    }
}

/// A question to a person, which a signal can break off: reading a line can't be cancelled.
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
