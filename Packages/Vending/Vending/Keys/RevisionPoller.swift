package import BursarModel
import Synchronization

/// Polls the directory's revision, so that a change made by another process takes effect within a second.
///
/// Every `interval` it reads which keys have changed, and has them forgotten. If no read has succeeded for `timeout`,
/// remembered keys can't be trusted and nothing is vended.
package final class RevisionPoller: Sendable {
    private struct State {
        var revision: Int64 = 0
        var isPaused = false
        var lastSuccess: ContinuousClock.Instant?
        var reading: Task<Void, any Error>?
        var failure: (any Error)?
    }

    private let directory: any KeyDirectory
    private let interval: Duration
    private let timeout: Duration
    private let clock = ContinuousClock()
    private let state = Mutex(State())
    private let forget: @Sendable (_ keys: [KeyID], _ revision: Int64) -> Void

    package init(
        directory: any KeyDirectory,
        interval: Duration = .milliseconds(200),
        timeout: Duration = .seconds(1),
        forget: @escaping @Sendable (_ keys: [KeyID], _ revision: Int64) -> Void
    ) {
        self.directory = directory
        self.interval = interval
        self.timeout = timeout
        self.forget = forget
    }

    /// True if the directory was read within the last `timeout`.
    package var isCurrent: Bool {
        guard let lastSuccess = state.withLock({ $0.lastSuccess }) else { return false }
        return clock.now - lastSuccess <= timeout
    }

    /// True if the operator has stopped all vending, as of the last read.
    package var isPaused: Bool {
        state.withLock { $0.isPaused }
    }

    /// The error of the last read of the directory; nil if that succeeded.
    package var failure: (any Error)? {
        state.withLock { $0.failure }
    }

    /// Reads the changes, once for all callers at the same time.
    package func refresh() async throws {
        let reading = state.withLock { state in
            if let reading = state.reading { return reading }
            let reading = Task { try await read() }
            state.reading = reading
            return reading
        }
        try await reading.value
    }

    private func read() async throws {
        defer { state.withLock { $0.reading = nil } }
        let begun = clock.now
        let known = state.withLock { $0.revision }
        let changes: DirectoryChanges
        do {
            changes = try await directory.changes(since: known)
        } catch {
            state.withLock { $0.failure = error }
            throw error
        }
        // Before the changed keys are forgotten, so that no decision under the new revision misses the pause.
        state.withLock { $0.isPaused = changes.isPaused }
        if changes.revision != known { forget(changes.keys, changes.revision) }
        state.withLock { state in
            state.revision = changes.revision
            state.lastSuccess = begun
            state.failure = nil
        }
    }

    /// Reads every `interval` until cancelled; a failed read is retried at the next.
    ///
    /// `report` receives the first error of a series of failures, and nil at the success that ends it.
    package func run(report: @Sendable ((any Error)?) -> Void) async {
        var isFailing = false
        while !Task.isCancelled {
            do {
                try await refresh()
                if isFailing { report(nil) }
                isFailing = false
            } catch {
                if !isFailing { report(error) }
                isFailing = true
            }
            try? await clock.sleep(for: interval)
        }
    }
}
