import Dispatch
import Synchronization

/// A few connections to one server, lent to one thread at a time.
///
/// A connection that has ended is closed and never lent again, and the idle ones with it: they lead to the same server, and
/// where that was cut off or demoted, each would cost a caller its limit of time to find out. While no connection can be
/// made, attempts are spaced out, and callers in between get the last attempt's error at once.
package final class ConnectionPool: Sendable {
    package typealias Connect = @Sendable () throws(PostgresError) -> PostgresConnection

    private struct State {
        var idle: [PostgresConnection] = []
        /// Connections of an earlier generation are closed when they come back.
        var generation = 0
        var backoff = Backoff()
        /// The latest that a connection had.
        var timeline: Timeline?
    }

    private let connect: Connect
    private let patience: Duration
    private let spread: @Sendable () -> Double
    private let report: @Sendable (PostgresError?) -> Void
    private let permits: DispatchSemaphore
    private let state = Mutex(State())

    /// - Parameters:
    ///   - size: the most connections at once.
    ///   - patience: the longest wait for a connection that others use.
    ///   - spread: 0.5 to 1, by which a pause is multiplied: servers that lost the database together come back apart.
    ///   - report: receives the error when the database can't be reached any more, and nil when it is back.
    ///   - connect: makes a connection.
    package init(
        size: Int = 4,
        patience: Duration,
        spread: @escaping @Sendable () -> Double = { .random(in: 0.5...1) },
        report: @escaping @Sendable (PostgresError?) -> Void = { _ in },
        connect: @escaping Connect
    ) {
        self.connect = connect
        self.patience = patience
        self.spread = spread
        self.report = report
        permits = DispatchSemaphore(value: size)
    }

    deinit {
        close()
    }

    /// Closes the connections that aren't lent.
    package func close() {
        retire()
    }

    /// Runs `body` with a connection that no other thread uses.
    ///
    /// - Throws: ``PostgresError``, or what `body` throws.
    package func withConnection<Value>(_ body: (PostgresConnection) throws -> Value) throws -> Value {
        guard permits.wait(timeout: .now() + .nanoseconds(Int(patience / .nanoseconds(1)))) == .success else {
            throw PostgresError.busy
        }
        defer { permits.signal() }
        let (connection, generation) = try borrow()
        do {
            let value = try body(connection)
            giveBack(connection, of: generation)
            return value
        } catch let error as PostgresError {
            if error.endsConnection {
                connection.close()
                retire()
            }
            giveBack(connection, of: generation)
            throw error
        } catch {
            giveBack(connection, of: generation)
            throw error
        }
    }

    private func borrow() throws(PostgresError) -> (PostgresConnection, generation: Int) {
        while true {
            let (idle, generation) = state.withLock { ($0.idle.popLast(), $0.generation) }
            guard let idle else { return try open() }
            if idle.isStillThere() { return (idle, generation) }
        }
    }

    private func open() throws(PostgresError) -> (PostgresConnection, generation: Int) {
        let (refusal, generation) = state.withLock { ($0.backoff.refusal(at: .now), $0.generation) }
        if let refusal { throw refusal }
        do throws(PostgresError) {
            let connection = try connect()
            if state.withLock({ $0.backoff.succeed() }) { report(nil) }
            return (connection, leaveTimelines(before: connection.timeline) ?? generation)
        } catch {
            if state.withLock({ $0.backoff.fail(error, at: .now, spread: spread()) }) { report(error) }
            throw error
        }
    }

    /// Closes the connections to a former primary, which reads what the new one no longer has.
    ///
    /// - Returns: the new generation if there may be such.
    private func leaveTimelines(before timeline: Timeline?) -> Int? {
        let isLater = state.withLock { state in
            guard let timeline else { return false }
            let last = state.timeline ?? timeline
            state.timeline = max(last, timeline)
            return timeline > last
        }
        return isLater ? retire() : nil
    }

    private func giveBack(_ connection: PostgresConnection, of generation: Int) {
        guard connection.isIdle else { return connection.close() }
        let isKept = state.withLock { state in
            guard state.generation == generation else { return false }
            state.idle.append(connection)
            return true
        }
        if !isKept { connection.close() }
    }

    @discardableResult
    private func retire() -> Int {
        let (idle, generation) = state.withLock { state in
            state.generation += 1
            defer { state.idle = [] }
            return (state.idle, state.generation)
        }
        for connection in idle { connection.close() }
        return generation
    }
}

/// The pause between attempts to connect, which doubles with each failure.
private struct Backoff {
    private static let first = Duration.milliseconds(100)
    private static let doublings = 5
    private static let longest = Duration.seconds(2)

    private var failures = 0
    private var last: PostgresError?
    private var next: ContinuousClock.Instant?

    /// The error for a caller who comes before the next attempt is due.
    func refusal(at now: ContinuousClock.Instant) -> PostgresError? {
        guard let next, now < next else { return nil }
        return last
    }

    /// Returns true if the database was away before.
    mutating func succeed() -> Bool {
        defer { self = Backoff() }
        return failures > 0
    }

    /// Returns true if it wasn't away before.
    mutating func fail(_ error: PostgresError, at now: ContinuousClock.Instant, spread: Double) -> Bool {
        let pause = min(Self.first * (1 << min(failures, Self.doublings)), Self.longest)
        failures += 1
        last = error
        next = now + pause * spread
        return failures == 1
    }
}
