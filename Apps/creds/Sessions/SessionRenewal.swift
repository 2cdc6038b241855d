import BursarFiles
import BursarFoundation
import BursarHTTP
import BursarModel

/// Hands out the cached session, and asks for the next when its time has come: once for all processes of the user.
struct SessionRenewal: Sendable {
    let cache: SessionCache
    let now: @Sendable () -> Date
    /// Asks the server, within the time that is given.
    let fetch: @Sendable (Duration) async throws -> SessionCredentials
    /// Told of each failure, also where a session that still works is handed out all the same.
    var failed: @Sendable (any Error) -> Void = { _ in }
    /// Everything that one run may take.
    var limit = Duration.seconds(10)

    /// What a run may take whose session still works.
    private static let shortTimeout = Duration.seconds(5)
    /// The longest that AWS lets a session live, and some minutes for clocks.
    private static let longestLife: TimeInterval = 12 * 3600 + 600

    /// Why there is no session, apart from what the server and the key command say.
    enum Failure: Error, Equatable {
        case expired
        case tooLongLived
        /// Another process asks the server already, and takes long.
        case stillAsking
    }

    /// What a renewal that somebody asked for brought.
    struct Renewed {
        let session: CachedSession
        /// The server gave the session that was there already.
        let isSame: Bool
    }

    /// The session to use now.
    ///
    /// One that still works is handed out whatever goes wrong, but for a server that says the key is no good.
    func session() async throws -> CachedSession {
        let deadline = ContinuousClock.now.advanced(by: limit)
        let cached = cache.read()
        if let cached, cached.isFresh(at: now()) { return cached }
        let usable = cached.flatMap { $0.isUsable(at: now()) ? $0 : nil }
        let lock: FileLock?
        do {
            lock = try usable == nil ? await cache.lock(before: deadline) : cache.tryLock()
        } catch is FileError {
            // Nowhere to keep a session: it is fetched each time.
            return try await renewed(instead: usable, before: deadline)
        }
        guard let lock else {
            // Who has the lock may have brought a session and not let go.
            if let brought = usable ?? cache.read(), brought.isUsable(at: now()) { return brought }
            throw Failure.stillAsking
        }
        let session = try await renewed(instead: usable, before: deadline)
        lock.release()
        return session
    }

    /// The cached session when it lives another `needed`, else what the server has, which may be less.
    ///
    /// What is cached stays in use when that fails, as for ``renewed()``.
    func session(lasting needed: TimeInterval) async throws -> CachedSession {
        let isEnough = { (session: CachedSession) in session.expiration.timeIntervalSince(now()) >= needed }
        if let cached = cache.read(), cached.isFresh(at: now()), isEnough(cached) { return cached }
        return try await renewed(unless: isEnough).session
    }

    /// Asks the server now, however fresh the session is.
    ///
    /// What is cached stays in use when that fails, but for a server that says the key is no good.
    func renewed() async throws -> Renewed {
        try await renewed(unless: { _ in false })
    }

    /// `isEnough` says whether what another process brought meanwhile will do.
    private func renewed(unless isEnough: (CachedSession) -> Bool) async throws -> Renewed {
        let deadline = ContinuousClock.now.advanced(by: limit)
        let lock: FileLock?
        do {
            lock = try await cache.lock(before: deadline)
        } catch is FileError {
            return Renewed(session: try await obtained(before: deadline, usesShortTimeout: false), isSame: false)
        }
        guard let lock else { throw Failure.stillAsking }
        let usable = cache.read().flatMap { $0.isUsable(at: now()) ? $0 : nil }
        if let usable, usable.isFresh(at: now()), isEnough(usable) { return Renewed(session: usable, isSame: true) }
        let renewed: Renewed
        do {
            let session = try await obtained(before: deadline, usesShortTimeout: false)
            let isSame = session.output == usable?.output
            renewed = Renewed(session: keep(session, insteadOf: isSame ? usable : nil), isSame: isSame)
        } catch {
            try remember(error, for: usable)
            throw error
        }
        lock.release()
        return renewed
    }

    private func renewed(
        instead usable: CachedSession?,
        before deadline: ContinuousClock.Instant
    ) async throws -> CachedSession {
        // Who had the lock before us may have brought what we need.
        if let cached = cache.read(), cached.isFresh(at: now()) { return cached }
        do {
            let session = try await obtained(before: deadline, usesShortTimeout: usable != nil)
            return keep(session, insteadOf: usable)
        } catch {
            let kept = try remember(error, for: usable)
            guard let kept, kept.isUsable(at: now()) else { throw error }
            return kept
        }
    }

    /// What is left to use after a failure, which is not tried again at once; nil when nothing is.
    @discardableResult
    private func remember(_ error: any Error, for usable: CachedSession?) throws -> CachedSession? {
        if error is CancellationError { throw error }
        failed(error)
        if let fault = error as? BursarClientError, fault.isFinal {
            try? cache.removeSession()
            return nil
        }
        let pause = max(CachedSession.pause, (error as? BursarClientError)?.retryAfter ?? 0)
        guard let kept = usable?.known(at: now()).retried(notBefore: now() + pause) else { return nil }
        try? cache.write(kept)
        return kept
    }

    private func obtained(before deadline: ContinuousClock.Instant, usesShortTimeout: Bool) async throws
        -> CachedSession
    {
        let left = ContinuousClock.now.duration(to: deadline)
        let credentials = try await fetch(usesShortTimeout ? min(left, Self.shortTimeout) : left)
        let received = now()
        guard credentials.timeLeft(at: received) > 0 else { throw Failure.expired }
        guard credentials.timeLeft(at: received) <= Self.longestLife else { throw Failure.tooLongLived }
        return CachedSession(credentials, obtained: received, jitter: .random(in: 0...1))
    }

    /// Stores what came; the same session as before is not asked for again at once.
    private func keep(_ session: CachedSession, insteadOf old: CachedSession?) -> CachedSession {
        var session = session
        if let old, session.expiration <= old.expiration {
            session = old.known(at: now()).retried(notBefore: now() + CachedSession.pause)
        }
        try? cache.write(session)
        try? cache.clearFailure()
        cache.removeAbandoned(at: now())
        return session
    }
}

extension BursarClientError {
    /// The server knows the key and says no: what was cached is not to be used any longer.
    fileprivate var isFinal: Bool {
        guard case .refused(let refusal) = self, refusal.reason != nil else { return false }
        return refusal.status == 401 || refusal.status == 403
    }

    fileprivate var retryAfter: TimeInterval? {
        guard case .refused(let refusal) = self else { return nil }
        return refusal.retryAfter.map { TimeInterval($0.components.seconds) }
    }
}
