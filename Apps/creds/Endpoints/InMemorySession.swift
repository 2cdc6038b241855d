import BursarConsole
import BursarFoundation
import BursarModel

/// A profile's session in memory, for an endpoint that has to answer at once.
///
/// The cache on disk stays the source, with its lock and its pauses: this looks there every 15 seconds, and what is
/// found there asks the server when the time has come, once for all processes.
actor InMemorySession {
    /// Looks in the cache, or asks the server in any case.
    typealias Look = @Sendable (_ isForced: Bool) async throws(LocalEndpointError) -> CachedSession

    private let look: Look
    private let now: @Sendable () -> Date
    private var held: CachedSession?
    private var failure: (refusal: LocalEndpointError, at: Date, pause: TimeInterval)?
    private var underWay: (task: Task<Void, Never>, isForced: Bool)?
    private var lastForced = Date.distantPast
    /// AWS has called the session ended, and the server hasn't given another since.
    private var isRefused = false

    init(now: @escaping @Sendable () -> Date, look: @escaping Look) {
        self.now = now
        self.look = look
    }

    /// The session, from memory while it lives.
    ///
    /// - Throws: ``LocalEndpointError``, the same for half a minute, so that clients who ask again don't ask the server.
    func session() async throws(LocalEndpointError) -> CachedSession {
        if let held, held.isUsable(at: now()) { return held }
        if let failure, isWithin(failure.pause, of: failure.at) { throw failure.refusal }
        await refresh()
        if let held, held.isUsable(at: now()) { return held }
        throw failure?.refusal ?? .unreadable
    }

    /// Looks for a newer session; while one look is under way, waits for that.
    ///
    /// A look in the cache is none at the server, so who needs that looks again.
    func refresh(isForced: Bool = false) async {
        while let underWay {
            await underWay.task.value
            if underWay.isForced || !isForced { return }
        }
        // Not the caller's own: one that leaves must not take it away from the others.
        let task = Task { await self.lookOnce(isForced) }
        underWay = (task, isForced)
        await task.value
    }

    /// Asks the server although the session has not ended, since AWS said that it has; twice a minute at most.
    func refreshRefused() async {
        isRefused = true
        guard !isWithin(CachedSession.pause, of: lastForced) else { return }
        lastForced = now()
        await refresh(isForced: true)
    }

    /// Renews ahead of the end, until the task is cancelled.
    ///
    /// A session that was lost is not asked for again here: a request does that.
    func keepFresh() async {
        while !Task.isCancelled {
            let left = held.map { $0.nextRefresh.timeIntervalSince(now()) } ?? 15
            try? await Task.sleep(for: .seconds(min(15, max(1, left))))
            guard held != nil else { continue }
            // A try that failed is made again, also when no other request is refused.
            if isRefused { await refreshRefused() } else { await refresh() }
        }
    }

    private func lookOnce(_ isForced: Bool) async {
        defer { underWay = nil }
        do {
            held = try await look(isForced)
            failure = nil
            if isForced { isRefused = false }
        } catch {
            if error.isFinal { held = nil }
            let pause = max(CachedSession.pause, TimeInterval(error.retryAfter.components.seconds))
            failure = (error, now(), pause)
        }
    }

    /// Not when the clock was set back since: that could keep everybody waiting for hours.
    private func isWithin(_ pause: TimeInterval, of date: Date) -> Bool {
        date <= now() && now() < date + pause
    }
}

extension InMemorySession {
    /// The session of an installed profile, which is read anew each time: it may have got another key, or be gone.
    init(_ name: ProfileName, _ context: CredsContext) {
        self.init(now: context.now) { isForced throws(LocalEndpointError) in
            let vended: VendedSession
            do throws(UserFacingError) {
                vended = try VendedSession(name, context)
            } catch {
                var refusal = LocalEndpointError(status: 503, code: "not_installed", message: error.problem)
                refusal.isFinal = true
                throw refusal
            }
            return try await vended.answer(isForced: isForced)
        }
    }
}

extension VendedSession {
    /// The session, or what SDKs are told instead.
    fileprivate func answer(isForced: Bool) async throws(LocalEndpointError) -> CachedSession {
        do {
            let renewal = try renewal()
            return try await isForced ? renewal.renewed().session : renewal.session()
        } catch {
            let problem = wording.problem(error)
            record(problem)
            throw LocalEndpointError(error, problem)
        }
    }
}
