import Storage

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
