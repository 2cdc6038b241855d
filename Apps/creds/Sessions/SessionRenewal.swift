import BursarFiles
import BursarFoundation
import BursarHTTP
import BursarModel

/// Provides the cached session, and fetches the next one when due, once for all processes of the user.
struct SessionRenewal: Sendable {
    let cache: SessionCache
    let now: @Sendable () -> Date
    /// Asks the server, within the given time.
    let fetch: @Sendable (Duration) async throws -> SessionCredentials
    /// Receives a failure that is not thrown, since a session that still works is in use.
    var failed: @Sendable (any Error) -> Void = { _ in }
    /// The time limit of one run.
    var limit = Duration.seconds(10)

    /// The time limit of a run whose session still works.
    private static let shortTimeout = Duration.seconds(5)
    /// AWS's maximum session lifetime, plus some minutes for clock skew.
    private static let longestLifetime: TimeInterval = 12 * 3600 + 600

    /// Reasons for having no session, apart from errors of the server and the key command.
    enum Failure: Error, Equatable {
        case expired
        case tooLongLived
        /// Another process has been asking the server, for too long.
        case stillAsking
    }

    /// The result of an explicit renewal.
    struct Renewed {
        let session: CachedSession
        /// The server returned the session that was cached already.
        let isSame: Bool
    }

    /// The session to use now.
    ///
    /// A session that still works is returned whatever goes wrong, unless the server rejects the key.
    func session() async throws -> CachedSession {
        let deadline = ContinuousClock.now.advanced(by: limit)
        let cached = cache.read()
        if let cached, cached.isFresh(at: now()) { return cached }
        let usable = cached.flatMap { $0.isUsable(at: now()) ? $0 : nil }
        let lock: FileLock?
        do {
            lock = try usable == nil ? await cache.lock(before: deadline) : cache.tryLock()
        } catch is FileError {
            // Without a writable cache, the session is fetched each time.
            return try await renewed(instead: usable, before: deadline)
        }
        guard let lock else {
            // The holder of the lock may have stored a session and not released it yet.
            if let brought = usable ?? cache.read(), brought.isUsable(at: now()) { return brought }
            throw Failure.stillAsking
        }
        let session = try await renewed(instead: usable, before: deadline)
        lock.release()
        return session
    }

    /// The cached session if it lives another `needed`, else the server's, which may live shorter.
    ///
    /// If that fails, the cached session stays in use, as for ``renewed()``.
    func session(lasting needed: TimeInterval) async throws -> CachedSession {
        let isEnough = { (session: CachedSession) in session.expiration.timeIntervalSince(now()) >= needed }
        if let cached = cache.read(), cached.isFresh(at: now()), isEnough(cached) { return cached }
        return try await renewed(unless: isEnough).session
    }

    /// Asks the server now, however fresh the session is.
    ///
    /// If that fails, the cached session stays in use, unless the server rejects the key.
    func renewed() async throws -> Renewed {
        try await renewed(unless: { _ in false })
    }

    /// `isEnough` decides whether a session that another process stored meanwhile is sufficient.
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
            try delayNextAttempt(after: error, with: usable)
            throw error
        }
        lock.release()
        return renewed
    }

    private func renewed(
        instead usable: CachedSession?,
        before deadline: ContinuousClock.Instant
    ) async throws -> CachedSession {
        // The previous holder of the lock may have stored a fresh session.
        if let cached = cache.read(), cached.isFresh(at: now()) { return cached }
        do {
            let session = try await obtained(before: deadline, usesShortTimeout: usable != nil)
            return keep(session, insteadOf: usable)
        } catch {
            guard let kept = try delayNextAttempt(after: error, with: usable), kept.isUsable(at: now()) else {
                throw error
            }
            failed(error)
            return kept
        }
    }

    /// Delays the next attempt after a failure; returns the session that stays usable, or nil.
    @discardableResult
    private func delayNextAttempt(after error: any Error, with usable: CachedSession?) throws -> CachedSession? {
        if error is CancellationError { throw error }
        if let fault = error as? BursarClientError, fault.isFinal {
            try? cache.removeSession()
            return nil
        }
        let pause = max(CachedSession.pause, (error as? BursarClientError)?.retryAfter ?? 0)
        guard let kept = usable?.clampingObtained(to: now()).delayingRefresh(until: now() + pause) else { return nil }
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
        guard credentials.timeLeft(at: received) <= Self.longestLifetime else { throw Failure.tooLongLived }
        return CachedSession(credentials, obtained: received, jitter: .random(in: 0...1))
    }

    /// Stores the new session; a session identical to the previous one delays the next fetch.
    private func keep(_ session: CachedSession, insteadOf old: CachedSession?) -> CachedSession {
        var session = session
        if let old, session.expiration <= old.expiration {
            session = old.clampingObtained(to: now()).delayingRefresh(until: now() + CachedSession.pause)
        }
        try? cache.write(session)
        try? cache.clearFailure()
        cache.removeAbandoned(at: now())
        return session
    }
}

extension BursarClientError {
    /// True if the server recognised the key and rejected it: the cached session must not be used any longer.
    fileprivate var isFinal: Bool {
        guard case .refused(let refusal) = self, refusal.reason != nil else { return false }
        return refusal.status == 401 || refusal.status == 403
    }

    fileprivate var retryAfter: TimeInterval? {
        guard case .refused(let refusal) = self else { return nil }
        return refusal.retryAfter.map { TimeInterval($0.components.seconds) }
    }
}
