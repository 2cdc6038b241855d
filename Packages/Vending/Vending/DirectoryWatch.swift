package import BursarCore
import Synchronization

/// Follows the directory's revision, so that a change made by another process is obeyed within a second.
///
/// Every `interval` it asks for rows that are newer and has them forgotten; when that hasn't worked for `patience`,
/// what is remembered can't be trusted and nothing is vended.
package final class DirectoryWatch: Sendable {
    private struct State {
        var revision: Int64 = 0
        var lastSuccess: ContinuousClock.Instant?
    }

    private let directory: any KeyDirectory
    private let interval: Duration
    private let patience: Duration
    private let clock = ContinuousClock()
    private let state = Mutex(State())
    private let forget: @Sendable (_ keys: [KeyID], _ revision: Int64) -> Void

    package init(
        directory: any KeyDirectory,
        interval: Duration = .milliseconds(200),
        patience: Duration = .seconds(1),
        forget: @escaping @Sendable (_ keys: [KeyID], _ revision: Int64) -> Void
    ) {
        self.directory = directory
        self.interval = interval
        self.patience = patience
        self.forget = forget
    }

    /// Whether the directory was read within the last `patience`.
    package var isCurrent: Bool {
        guard let lastSuccess = state.withLock({ $0.lastSuccess }) else { return false }
        return clock.now - lastSuccess <= patience
    }

    /// Reads once what has changed.
    package func refresh() async throws {
        let begun = clock.now
        let known = state.withLock { $0.revision }
        let changes = try await directory.changes(since: known)
        if changes.revision != known { forget(changes.keys, changes.revision) }
        state.withLock { state in
            state.revision = changes.revision
            state.lastSuccess = begun
        }
    }

    /// Reads every `interval` until cancelled; a read that fails is tried again at the next.
    package func run(onFailure report: @Sendable (any Error) -> Void) async {
        while !Task.isCancelled {
            do {
                try await refresh()
            } catch is CancellationError {
                return
            } catch {
                report(error)
            }
            try? await clock.sleep(for: interval)
        }
    }
}
