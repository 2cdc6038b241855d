import BursarConsole
import BursarFoundation
import BursarModel

/// A profile's session in memory, for an endpoint that has to respond at once.
///
/// The cache on disk stays the source, with its lock and its pauses: it is read every 15 seconds, and the session found
/// there is renewed when its time has come, once for all processes.
actor InMemorySession {
    /// Reads the cache, or asks the server in any case.
    typealias Fetch = @Sendable (_ isForced: Bool) async throws(LocalEndpointError) -> CachedSession

    private let fetch: Fetch
    private let now: @Sendable () -> Date
    private var held: CachedSession?
    private var failure: (refusal: LocalEndpointError, at: Date, pause: TimeInterval)?
    private var underWay: (task: Task<Void, Never>, isForced: Bool)?
    private var lastForced = Date.distantPast
    /// True after AWS reported the session as ended, until the server has issued another.
    private var isRefused = false

    init(now: @escaping @Sendable () -> Date, fetch: @escaping Fetch) {
        self.now = now
        self.fetch = fetch
    }

    /// The session, from memory while it lives.
    ///
    /// - Throws: ``LocalEndpointError``, the same for half a minute, so that retrying clients cause no requests to the
    ///   server.
    func session() async throws(LocalEndpointError) -> CachedSession {
        if let held, held.isUsable(at: now()) { return held }
        if let failure, isWithin(failure.pause, of: failure.at) { throw failure.refusal }
        await refresh()
        if let held, held.isUsable(at: now()) { return held }
        throw failure?.refusal ?? .unreadable
    }

    /// Fetches a newer session; a call during another one's fetch waits for that.
    ///
    /// A read of the cache is no request to the server, so a forced refresh fetches again.
    func refresh(isForced: Bool = false) async {
        while let underWay {
            await underWay.task.value
            if underWay.isForced || !isForced { return }
        }
        // The task is not the caller's own: a cancelled caller must not cancel it for the others.
        let task = Task { await self.fetchOnce(isForced) }
        underWay = (task, isForced)
        await task.value
    }

    /// Asks the server before the session's expiry, because AWS reported it as ended; at most twice a minute.
    func refreshRefused() async {
        isRefused = true
        guard !isWithin(CachedSession.pause, of: lastForced) else { return }
        lastForced = now()
        await refresh(isForced: true)
    }

    /// Renews the session ahead of its expiry, until the task is cancelled.
    ///
    /// A lost session is not fetched again here: the next request does that.
    func keepFresh() async {
        while !Task.isCancelled {
            let left = held.map { $0.nextRefresh.timeIntervalSince(now()) } ?? 15
            try? await Task.sleep(for: .seconds(min(15, max(1, left))))
            guard held != nil else { continue }
            // A failed attempt is repeated, even when no other request is refused.
            if isRefused { await refreshRefused() } else { await refresh() }
        }
    }

    private func fetchOnce(_ isForced: Bool) async {
        defer { underWay = nil }
        do {
            held = try await fetch(isForced)
            failure = nil
            if isForced { isRefused = false }
        } catch {
            if error.isFinal { held = nil }
            let pause = max(CachedSession.pause, TimeInterval(error.retryAfter.components.seconds))
            failure = (error, now(), pause)
        }
    }

    /// Returns false when the clock was set back since, which could otherwise keep clients waiting for hours.
    private func isWithin(_ pause: TimeInterval, of date: Date) -> Bool {
        date <= now() && now() < date + pause
    }
}

extension InMemorySession {
    /// The session of an installed profile.
    ///
    /// The profile is read again each time: it may have another key, or be gone.
    init(_ name: ProfileName, _ context: CredsContext) {
        self.init(now: context.now) { isForced throws(LocalEndpointError) in
            let vended: ProfileSession
            do throws(UserFacingError) {
                vended = try ProfileSession(name, context)
            } catch {
                var refusal = LocalEndpointError(status: 503, code: "not_installed", message: error.problem)
                refusal.isFinal = true
                throw refusal
            }
            return try await vended.session(isForced: isForced)
        }
    }
}

extension ProfileSession {
    /// The session, or the error that SDKs get instead.
    fileprivate func session(isForced: Bool) async throws(LocalEndpointError) -> CachedSession {
        do {
            let renewal = try renewal()
            return try await isForced ? renewal.renewed().session : renewal.session()
        } catch {
            throw LocalEndpointError(error, recorded(error))
        }
    }
}
